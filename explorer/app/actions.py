"""What clicks in the window mean: one place that knows every panel and every desk."""

from __future__ import annotations

from dataclasses import replace

from explorer.app.commands import Desks, WindowCommands
from explorer.app.happenings import Happenings
from explorer.app.window_values import WindowActions
from explorer.elements.favourites_strip import StripActions
from explorer.elements.film_strip import FilmActions
from explorer.elements.history_strip import HistoryActions
from explorer.elements.image_grid import GridActions
from explorer.panels.arrange_panel import ArrangeActions
from explorer.panels.export_panel import ExportActions
from explorer.panels.model_panel import ModelActions
from explorer.panels.pad_panel import DriftActions
from explorer.panels.share_panel import ShareActions
from explorer.panels.sidebar import SidebarActions
from explorer.panels.timeline_view import TimelineActions
from explorer.panels.training_panel import TrainingActions
from explorer.panels.window_panel import WindowPanelActions


def window_actions(desks: Desks, commands: WindowCommands, happenings: Happenings) -> WindowActions:
    """For all parts of the window."""
    return WindowActions(
        sidebar=_sidebar_actions(desks, commands, happenings),
        grid=GridActions(click=desks.favourites.toggle, select=commands.select, drag=commands.drag),
        film=FilmActions(pick=desks.film.pick, close=commands.close_film),
        history=HistoryActions(pick=desks.session.go_to, hide=commands.toggle_history),
        library=desks.library.actions(
            export=commands.files.export_library, bring_in=commands.files.import_library, close=commands.toggle_library
        ),
        strip=StripActions(
            pick=desks.favourites.bring_back,
            remove=desks.favourites.remove,
            drag=commands.favourite_drag.over,
            drop=commands.favourite_drag.drop,
        ),
        studio=desks.timeline.studio,
        timeline=TimelineActions(
            add=commands.add_key,
            add_favourites=desks.timeline.add_favourites,
            pictures=desks.timeline.pictures,
            export=commands.video.toggle_window,
            sound=desks.timeline.sound,
            choose_sound=commands.files.choose_sound,
        ),
        toggle_timeline=commands.toggle_timeline,
    )


def _sidebar_actions(desks: Desks, commands: WindowCommands, happenings: Happenings) -> SidebarActions:
    toggles = {
        "film": commands.toggle_psi_film,
        "layers": commands.toggle_layers,
        "history": commands.toggle_history,
        "library": commands.toggle_library,
    }
    return SidebarActions(
        model=ModelActions(
            state=lambda: replace(happenings.model, recent=desks.models.others),
            choose=commands.choose_model,
            cancel=desks.models.cancel,
            about=commands.show_model,
            open=lambda path: desks.models.open(path),  # buttons hand an event to whatever takes one more argument
            change_weights=desks.models.change_weights,
        ),
        export=ExportActions(
            state=desks.export.state,
            change=desks.export.change,
            choose_path=commands.files.choose_video_path,
            start=desks.export.start,
            cancel=desks.export.cancel,
        ),
        arrange=ArrangeActions(favourites=lambda: desks.favourites.looks, complain=commands.complain),
        drift=DriftActions(state=desks.drift.state, change=desks.drift.change),
        window=WindowPanelActions(
            theme=lambda: desks.preferences.settings.theme,
            scale=lambda: desks.preferences.scale,
            choose_theme=lambda theme: desks.restyle(replace(desks.preferences.settings, theme=theme)),
            choose_scale=lambda scale: desks.restyle(replace(desks.preferences.settings, scale=scale)),
            device=lambda: happenings.model.device,
            devices=lambda: happenings.model.devices,
            choose_device=desks.models.move_to,
            sound_delay=lambda: desks.preferences.settings.sound_delay_ms,
            set_sound_delay=lambda ms: desks.preferences.change(replace(desks.preferences.settings, sound_delay_ms=ms)),
            views=commands.views,
            toggle_view=lambda view: toggles[view](),
        ),
        training=TrainingActions(
            state=lambda: replace(desks.follow.state(), running=desks.training.running, line=desks.training.line),
            want=desks.follow.want,
            follow=commands.choose_model,
            leave=desks.follow.leave,
            train=commands.train,
            stop=desks.training.stop,
            go_on=commands.training.go_on,
        ),
        share=ShareActions(
            save_picture=commands.save_picture,
            copy_picture=commands.copy_picture,
            open_picture=commands.files.open_picture,
            copy_look=commands.copy_look,
            paste_look=commands.paste_look,
            save_session=commands.save_session,
            open_session=commands.files.open_session,
            sessions=lambda: desks.preferences.settings.sessions,
            reopen_session=desks.sharing.open,
        ),
    )

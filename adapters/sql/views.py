"""Folded threads in a table."""

from sqlalchemy import or_, select

from threadwork.adapters.sql.database import Database, inserting
from threadwork.adapters.sql.tables import views
from threadwork.workflows.cards import FOLD_VERSION, ThreadView
from threadwork.workflows.domain.clock import Clock


class SqlViews:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load(self, task_id: str) -> ThreadView | None:
        """None where there is none, or one of another fold version."""
        query = select(views.c.view).where(views.c.task_id == task_id, views.c.fold_version == FOLD_VERSION)
        async with self._database.read() as connection:
            view = (await connection.execute(query)).scalar_one_or_none()
        return None if view is None else ThreadView.model_validate(view)

    async def save(self, view: ThreadView) -> None:
        """A view that is not newer than the stored one of its fold version is ignored."""
        new = {"seq": view.seq, "fold_version": view.fold_version, "view": view.model_dump(mode="json")}
        new |= {"saved_at": self._clock()}
        is_newer = or_(views.c.fold_version != view.fold_version, views.c.seq < view.seq)
        async with self._database.write() as connection:
            statement = inserting(connection.dialect.name, views).values(task_id=view.task_id, **new)
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["task_id"], set_=new, where=is_newer)
            )

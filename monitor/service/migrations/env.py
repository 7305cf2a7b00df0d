"""What Alembic runs: the migrations, on the connection of `monitor.service.schema`, in its transaction."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=True)
context.run_migrations()

"""The timetable, and the runner of its jobs, on leases and an outbox of our own.

Why no library. Procrastinate and pgqueuer were looked at; both are well kept and queue jobs in PostgreSQL.

Code that remains: they would take the place of `app.db.leases` and of a third of `app.jobs.runner` and
`app.jobs.serve`, some three hundred lines. What makes alerts right stays in any case: that each is recorded once and
told once, composed by the state of the moment, merged by person, sent again byte for byte (`app.outbox`), that a day's
work is done once for each local day, and its history. They bring their own tables and functions, with migrations of
their own beside ours, and know no SQLite, so that leases would have to stay for the office of one process.

A worker that is killed: here its work is taken up at once by another on the same machine, and after a minute by one
elsewhere. Procrastinate leaves the job as doing until a task that one writes oneself asks for stalled ones; pgqueuer
takes it up when its heartbeat has been missing for a while. Neither fences: a worker that was only suspended goes on
writing beside the one that took over. Here every transaction of a job shows its lease and is refused when that is lost.

Throughput: both run more empty jobs a second than we do, some 100 to 20 (page `growth` of the handbook), and wake up
by notification within milliseconds, where we look once a minute. A day has a dozen jobs and some thousand messages,
so neither counts. Notifications need a connection of their own that does not go through a pooler in transaction mode.

So leases and the outbox are the simpler thing to own. Should work come that has to begin within a second, or of which
there are a thousand pieces an hour, look again, at pgqueuer first.
"""

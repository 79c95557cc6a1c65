package io.pinion.actors.durability;

import org.apache.pekko.persistence.AbstractPersistentActor;

/** One that has something to do with a log, whoever else writes it, and does not start again when that has failed. */
abstract class LogActor extends AbstractPersistentActor {
    private final String persistenceId;
    private final String journalPluginId;

    LogActor(String persistenceId, String journalPluginId) {
        // The superclass asks for the journal while it is constructed.
        this.persistenceId = persistenceId;
        this.journalPluginId = journalPluginId;
        super();
    }

    @Override
    public final String persistenceId() {
        return persistenceId;
    }

    @Override
    public final String journalPluginId() {
        return journalPluginId;
    }

    @Override
    public final void postRestart(Throwable reason) {
        getContext().stop(getSelf());
    }
}

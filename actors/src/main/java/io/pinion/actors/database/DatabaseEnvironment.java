package io.pinion.actors.database;

import io.pinion.modules.HostType;
import io.pinion.modules.ModuleLog;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.store.tx.Datastore;
import io.pinion.store.tx.ModuleFacts;
import io.pinion.store.tx.ModuleFacts.ProgramKind;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the logic of one database works with besides its data; a simulation hands in its own parts.
 *
 * @param database who it is; also the sender of scheduled calls
 * @param vitals what others may see of it
 * @param programs the program with that hash, if its module is loaded on this node; threadsafe
 */
record DatabaseEnvironment(
        Identity database,
        Clock clock,
        CallMonitor monitor,
        Vitals vitals,
        ModuleLog log,
        DatabaseSettings settings,
        Function<Bytes, Optional<Bytes>> programs) {

    /** Tells the tables whose they are and which program made them. */
    void describe(Datastore store, Program program) {
        ProgramKind kind = program.hostType() == HostType.WASM ? ProgramKind.WASM : ProgramKind.JAVASCRIPT;
        store.describe(
                new ModuleFacts(database, program.owner(), kind, program.hash(), () -> programs.apply(program.hash())));
    }

    /** A line of the host's own in the module log. */
    void say(Level level, String message) {
        log.append(LogRecord.system(level, clock.epochMicros(), message));
    }

    /** A line about a function, as of the time it was called. */
    void say(Level level, String function, long timestampMicros, String message) {
        LogRecord line = LogRecord.system(level, timestampMicros, message);
        log.append(new LogRecord(
                level, timestampMicros, line.target(), line.filename(), null, function, message, line.trace()));
    }
}

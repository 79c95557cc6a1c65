package io.pinion.modules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The log of one database that its owner reads. Threadsafe; never blocks its caller. */
public interface ModuleLog {
    void append(LogRecord record);

    /** In the order of the ABI's numbers: 0 error … 4 trace; panic is 101 there. */
    enum Level {
        ERROR("Error"),
        WARN("Warn"),
        INFO("Info"),
        DEBUG("Debug"),
        TRACE("Trace"),
        PANIC("Panic");

        private final String label;

        Level(String label) {
            this.label = label;
        }

        /** As it is spelt in the log's JSON. */
        public String label() {
            return label;
        }

        /** The level for the ABI's number; an unknown one is debug. */
        public static Level ofAbi(int number) {
            return switch (number & 0xff) {
                case 0 -> ERROR;
                case 1 -> WARN;
                case 2 -> INFO;
                case 4 -> TRACE;
                case 101 -> PANIC;
                default -> DEBUG;
            };
        }
    }

    /** One frame of a panic's stack, innermost first. */
    record Frame(@Nullable String moduleName, @Nullable String functionName) {}

    /**
     * One line of the log.
     *
     * @param timestampMicros since the Unix epoch
     * @param function name of the function that was running
     * @param trace only at level panic
     */
    record LogRecord(
            Level level,
            long timestampMicros,
            @Nullable String target,
            @Nullable String filename,
            @Nullable Integer lineNumber,
            @Nullable String function,
            String message,
            List<Frame> trace) {
        public LogRecord {
            trace = List.copyOf(trace);
        }

        /** A line of the host's own: its target, file name and function are the marker that readers hide. */
        public static LogRecord system(Level level, long timestampMicros, String message) {
            return new LogRecord(
                    level,
                    timestampMicros,
                    "__spacetimedb__",
                    "__spacetimedb__",
                    null,
                    "__spacetimedb__",
                    message,
                    List.of());
        }
    }
}

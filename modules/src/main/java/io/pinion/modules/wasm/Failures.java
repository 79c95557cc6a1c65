package io.pinion.modules.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import io.pinion.modules.host.HostTrap;
import org.jspecify.annotations.Nullable;

/** Says in words why a guest call ended with an exception. */
final class Failures {
    private Failures() {}

    static String reason(Throwable thrown) {
        if (isStackOverflow(thrown)) {
            return "the call stack is exhausted";
        }
        if (isOutOfMemory(thrown)) {
            return "the host has no memory left for this call";
        }
        if (thrown instanceof ChicoryInterruptedException) {
            return "the thread was interrupted";
        }
        String message = thrown.getMessage();
        if (thrown instanceof HostTrap || thrown instanceof com.dylibso.chicory.wasm.ChicoryException) {
            return message == null ? "trap" : message;
        }
        return "the host failed: " + thrown;
    }

    /** The engine wraps what its own functions throw. */
    static boolean isOutOfMemory(Throwable thrown) {
        return isCausedBy(thrown, OutOfMemoryError.class);
    }

    private static boolean isStackOverflow(Throwable thrown) {
        return isCausedBy(thrown, StackOverflowError.class);
    }

    private static boolean isCausedBy(Throwable thrown, Class<? extends Throwable> kind) {
        for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}

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
        if (thrown instanceof OutOfMemoryError) {
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

    private static boolean isStackOverflow(Throwable thrown) {
        for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof StackOverflowError) {
                return true;
            }
        }
        return false;
    }
}

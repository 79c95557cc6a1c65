package io.pinion.actors.core;

import java.io.Serial;
import java.util.Map;

/** The operating system refused, or has no such thing. The message says what was asked for which thread, and the answer. */
final class AffinityException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    static final int EPERM = 1;
    static final int ESRCH = 3;
    static final int EACCES = 13;
    static final int EINVAL = 22;
    static final int ENOSYS = 38;

    /** What Linux means by the numbers, where these calls are concerned. */
    private static final Map<Integer, String> MEANINGS = Map.of(
            EPERM, "EPERM, Operation not permitted",
            ESRCH, "ESRCH, No such thread",
            EACCES, "EACCES, Permission denied",
            EINVAL, "EINVAL, Invalid argument",
            ENOSYS, "ENOSYS, Function not implemented");

    private final String reason;
    private final int errno;

    private AffinityException(String reason, int errno) {
        super(reason);
        this.reason = reason;
        this.errno = errno;
    }

    /** @param call the call with its arguments, as in {@code sched_setaffinity(thread 17, CPUs 0-3)} */
    static AffinityException refused(String call, int errno) {
        String meaning = MEANINGS.get(errno);
        return new AffinityException(
                call + " failed: errno " + errno + (meaning == null ? "" : " (" + meaning + ")"), errno);
    }

    static AffinityException unsupported(String reason) {
        return new AffinityException(reason, 0);
    }

    /** The message. */
    String reason() {
        return reason;
    }

    /** Linux's number of the error; 0 where no call was made. */
    int errno() {
        return errno;
    }

    /** Whether the thread has ended. */
    boolean isThreadGone() {
        return errno == ESRCH;
    }
}

package io.pinion.actors.cluster;

/** This node may not host databases, and cannot say anything about them; the message says why. */
public final class HostingRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HostingRefusedException(String reason) {
        super(reason, null, false, false);
    }
}

package io.pinion.actors.core;

import java.util.OptionalInt;

/**
 * Puts the threads of cores where they belong. Threadsafe; a thread that is refused a CPU runs on, wherever the kernel
 * lets it.
 */
interface Placement {
    /**
     * The first act of a core's or relief thread, on itself: from here on it belongs to its core's CPU.
     *
     * @return the operating system's id of the calling thread, 0 if unknown
     */
    int enter(int core);

    /** The last act of a core's or relief thread, on itself or after its end. Does nothing for 0. */
    void leave(int threadId);

    /**
     * Lets a thread run behind others on its CPU, as it is in a long turn.
     *
     * @param nice how far, from 0 to 19
     * @return whether {@link #restore} is needed before it runs a core again
     */
    boolean setBack(int threadId, int nice);

    /**
     * The end of {@link #setBack}.
     *
     * @return false where the system refuses: going below the present value takes a privilege
     */
    boolean restore(int threadId);

    /** The CPU that a core owns; empty when its threads are unpinned. */
    OptionalInt cpu(int core);
}

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
     * Sets how much the kernel favours a thread over others on its CPU, from -20 (most) to 19 (least).
     *
     * @return false where the system refuses: going below the present value takes a privilege
     */
    boolean nice(int threadId, int nice);

    /** The CPU that a core owns; empty when its threads are unpinned. */
    OptionalInt cpu(int core);
}

package io.pinion.actors.core;

/**
 * Asks the operating system which CPUs a thread may run on, and tells it. Threads go by the system's thread id; those of
 * this process are meant, though the system may let others through. Instances are threadsafe.
 */
interface Affinity {
    /** The id of the calling thread. */
    int threadId() throws AffinityException;

    /** The CPUs that a thread may run on. */
    CpuMask get(int threadId) throws AffinityException;

    /** Whether a thread may run on exactly these CPUs; allocates nothing. */
    boolean has(int threadId, CpuMask cpus) throws AffinityException;

    /** Lets a thread run on these CPUs alone, and moves it there before this returns. */
    void set(int threadId, CpuMask cpus) throws AffinityException;

    /**
     * Sets how much the kernel favours a thread over others on its CPU, from -20 (most) to 19 (least).
     *
     * @throws AffinityException if the system refuses: going below the present value takes a privilege
     */
    void nice(int threadId, int nice) throws AffinityException;

    /**
     * Sets for how long the kernel lets a thread run before it looks whose turn it is, between 0.1 and 100 ms, or as
     * the kernel has it. A thread that wakes up takes the CPU at once from one with longer slices. What the thread starts has
     * the kernel's own again. A kernel before 6.12 takes this and does nothing.
     *
     * @param nanos 0 for the kernel's own
     * @throws AffinityException if the system refuses or has no such call
     */
    void slice(int threadId, long nanos) throws AffinityException;

    /** That of this machine: Linux's, or one that refuses everything with the reason. */
    static Affinity ofThisMachine() {
        try {
            return new LinuxAffinity();
        } catch (AffinityException e) {
            return new NoAffinity(e.reason());
        }
    }
}

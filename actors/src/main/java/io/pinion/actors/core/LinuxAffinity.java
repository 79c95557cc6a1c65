package io.pinion.actors.core;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code sched_setaffinity}, {@code sched_getaffinity} and {@code setpriority} of the C library, all of which take a
 * thread's id on Linux, and the system calls {@code sched_getattr} and {@code sched_setattr}, which few C libraries have. A
 * mask is an array of words as in {@link CpuMask}; the kernel refuses to write one into an array shorter than its own, so
 * the array grows until it is accepted.
 *
 * <pre>
 *   struct sched_attr, the part that is used
 *    0  size    u32   of what the caller has
 *    4  policy  u32   0 and 3 for threads that share CPUs
 *    8  flags   u64   1: threads that it starts are as threads are
 *   16  nice    s32
 *   20          u32   for other policies
 *   24  slice   u64   ns; 0 for the kernel's own
 *   32          u64   for other policies, twice
 * </pre>
 */
final class LinuxAffinity implements Affinity {
    /** Resolved anew for whoever reads it: {@code <process>/task/<thread>}. */
    private static final Path SELF = Path.of("/proc/thread-self");

    private static final int PRIO_PROCESS = 0;
    private static final int MASK_BYTES_MAX = (CpuMask.CPU_MAX + 1) / Byte.SIZE;

    private static final int ATTRIBUTES_BYTES = 48;
    private static final long POLICY_OFFSET = 4;
    private static final long FLAGS_OFFSET = 8;
    private static final long SLICE_OFFSET = 24;
    private static final int POLICY_NORMAL = 0;
    private static final int POLICY_BATCH = 3;
    private static final long RESET_ON_FORK = 1;

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle setAffinity;
    private final MethodHandle getAffinity;
    private final MethodHandle setPriority;
    private final MethodHandle setAttributes;
    private final MethodHandle getAttributes;

    /** Guards what follows: the memory that answers are read from. */
    private final Object reading = new Object();

    private final MemorySegment readingState;
    private MemorySegment answer;

    /** @throws AffinityException if this is not Linux or its C library lacks one of the functions */
    LinuxAffinity() throws AffinityException {
        String system = System.getProperty("os.name", "");
        if (!system.equals("Linux")) {
            throw AffinityException.unsupported("threads can be kept on CPUs on Linux only, and this is " + system);
        }
        FunctionDescriptor ofMask = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
        setAffinity = function("sched_setaffinity", ofMask);
        getAffinity = function("sched_getaffinity", ofMask);
        setPriority = function("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        setAttributes = systemCall(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
        getAttributes = systemCall(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
        readingState = Arena.ofAuto().allocate(CALL_STATE);
        answer = Arena.ofAuto().allocate(128, Long.BYTES);
    }

    /** The shapes are those of the manual, sections sched_setaffinity(2) and setpriority(2), on 64 bits. */
    private static MethodHandle function(String name, FunctionDescriptor shape) throws AffinityException {
        return function(name, shape, Linker.Option.captureCallState("errno"));
    }

    /** The shapes are those of sched_setattr(2), after the number of the call. */
    private static MethodHandle systemCall(FunctionDescriptor shape) throws AffinityException {
        return function("syscall", shape, Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(1));
    }

    @SuppressWarnings("restricted") // a call into the C library is what this class is for
    private static MethodHandle function(String name, FunctionDescriptor shape, Linker.Option... options)
            throws AffinityException {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> AffinityException.unsupported("the C library has no " + name));
        return linker.downcallHandle(address, shape, options);
    }

    /** The number of sched_setattr; that of sched_getattr is the next. */
    private static long setAttributesNumber() throws AffinityException {
        String machine = System.getProperty("os.arch", "");
        return switch (machine) {
            case "amd64" -> 314;
            case "aarch64", "riscv64" -> 274;
            default -> throw AffinityException.unsupported("the number of sched_setattr is not known on " + machine);
        };
    }

    @Override
    public int threadId() throws AffinityException {
        try {
            return Integer.parseInt(Files.readSymbolicLink(SELF).getFileName().toString());
        } catch (IOException e) {
            throw AffinityException.unsupported(SELF + " cannot be read: " + e);
        }
    }

    @Override
    public CpuMask get(int threadId) throws AffinityException {
        synchronized (reading) {
            read(threadId);
            return CpuMask.ofWords(answer.toArray(JAVA_LONG));
        }
    }

    @Override
    public boolean has(int threadId, CpuMask cpus) throws AffinityException {
        synchronized (reading) {
            read(threadId);
            int words = (int) (answer.byteSize() / Long.BYTES);
            for (int i = 0; i < words; i++) {
                if (answer.getAtIndex(JAVA_LONG, i) != cpus.word(i)) {
                    return false;
                }
            }
            return cpus.wordCount() <= words;
        }
    }

    private void read(int threadId) throws AffinityException {
        while (true) {
            int errno = call(getAffinity, readingState, threadId, answer);
            if (errno == 0) {
                return;
            }
            if (errno != AffinityException.EINVAL || answer.byteSize() >= MASK_BYTES_MAX) {
                throw AffinityException.refused("sched_getaffinity(thread " + threadId + ")", errno);
            }
            answer = Arena.ofAuto().allocate(2 * answer.byteSize(), Long.BYTES);
        }
    }

    @Override
    public void set(int threadId, CpuMask cpus) throws AffinityException {
        int errno;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(JAVA_LONG, Math.max(1, cpus.wordCount()));
            for (int i = 0; i < cpus.wordCount(); i++) {
                mask.setAtIndex(JAVA_LONG, i, cpus.word(i));
            }
            errno = call(setAffinity, arena.allocate(CALL_STATE), threadId, mask);
        }
        if (errno != 0) {
            throw AffinityException.refused("sched_setaffinity(thread " + threadId + ", CPUs " + cpus + ")", errno);
        }
    }

    @Override
    public void nice(int threadId, int nice) throws AffinityException {
        int errno;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            errno = errno((int) setPriority.invokeExact(state, PRIO_PROCESS, threadId, nice), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
        if (errno != 0) {
            throw AffinityException.refused("setpriority(thread " + threadId + ", nice " + nice + ")", errno);
        }
    }

    @Override
    public void slice(int threadId, long nanos) throws AffinityException {
        long number = setAttributesNumber();
        int errno;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
            errno = errno(
                    (long) getAttributes.invokeExact(state, number + 1, threadId, attributes, ATTRIBUTES_BYTES, 0),
                    state);
            int policy = attributes.get(JAVA_INT, POLICY_OFFSET);
            if (errno == 0 && (policy == POLICY_NORMAL || policy == POLICY_BATCH)) {
                attributes.set(JAVA_LONG, SLICE_OFFSET, nanos);
                attributes.set(JAVA_LONG, FLAGS_OFFSET, attributes.get(JAVA_LONG, FLAGS_OFFSET) | RESET_ON_FORK);
                errno = errno((long) setAttributes.invokeExact(state, number, threadId, attributes, 0), state);
            }
        } catch (Throwable e) {
            throw unexpected(e);
        }
        if (errno != 0) {
            throw AffinityException.refused("sched_setattr(thread " + threadId + ", slice " + nanos + " ns)", errno);
        }
    }

    /** @return the number of the error, 0 for none */
    private static int call(MethodHandle function, MemorySegment state, int threadId, MemorySegment mask) {
        try {
            return errno((int) function.invokeExact(state, threadId, mask.byteSize(), mask), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static int errno(long result, MemorySegment state) {
        return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
    }

    /** A call into the C library throws nothing of its own; what comes out is the virtual machine's. */
    private static IllegalStateException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a call into the C library threw", e);
    }
}

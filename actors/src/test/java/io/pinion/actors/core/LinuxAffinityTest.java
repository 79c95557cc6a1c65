package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class LinuxAffinityTest {
    /** Above what any process gets for a thread: Linux counts no further than 2^22. */
    private static final int NO_THREAD = 1 << 22;

    private final Affinity affinity = LinuxCpus.affinity();

    @Test
    void aThreadIsMovedAndAnswersWhereItMayRun() throws Exception {
        CpuMask allowed = LinuxCpus.allowed();
        CpuMask one = allowed.highest(1);
        try (LinuxCpus.Idler idler = new LinuxCpus.Idler()) {
            affinity.set(idler.id(), one);

            assertEquals(one, affinity.get(idler.id()));
            assertEquals(one, LinuxCpus.mask(idler.id()));
            assertTrue(affinity.has(idler.id(), one));
            assertFalse(affinity.has(idler.id(), allowed));

            affinity.set(idler.id(), allowed);

            assertEquals(allowed, LinuxCpus.mask(idler.id()));
            assertTrue(affinity.has(idler.id(), allowed));
            assertFalse(affinity.has(idler.id(), CpuMask.of(CpuMask.CPU_MAX)));
        }
    }

    @Test
    void aCpuBeyondTheFirstWordsOfAMaskIsAskedForToo() throws Exception {
        try (LinuxCpus.Idler idler = new LinuxCpus.Idler()) {
            CpuMask allowed = affinity.get(idler.id());

            affinity.set(idler.id(), CpuMask.parse(allowed + ",5000"));

            assertEquals(allowed, affinity.get(idler.id()));
        }
    }

    @Test
    void aCpuThatIsNotThereIsRefusedWithThreadMaskAndErrno() throws Exception {
        try (LinuxCpus.Idler idler = new LinuxCpus.Idler()) {
            CpuMask before = affinity.get(idler.id());

            AffinityException e =
                    assertThrows(AffinityException.class, () -> affinity.set(idler.id(), CpuMask.of(CpuMask.CPU_MAX)));

            assertEquals(
                    "sched_setaffinity(thread " + idler.id()
                            + ", CPUs 65535) failed: errno 22 (EINVAL, Invalid argument)",
                    e.reason());
            assertEquals(AffinityException.EINVAL, e.errno());
            assertEquals(before, affinity.get(idler.id()));
        }
    }

    @Test
    void aThreadThatIsGoneIsTold() {
        AffinityException ofSet = assertThrows(AffinityException.class, () -> affinity.set(NO_THREAD, CpuMask.of(0)));
        AffinityException ofGet = assertThrows(AffinityException.class, () -> affinity.get(NO_THREAD));
        AffinityException ofNice = assertThrows(AffinityException.class, () -> affinity.nice(NO_THREAD, 1));
        AffinityException ofSlice = assertThrows(AffinityException.class, () -> affinity.slice(NO_THREAD, 1_000_000));

        for (AffinityException e : List.of(ofSet, ofGet, ofNice, ofSlice)) {
            assertTrue(e.isThreadGone());
            assertTrue(e.reason().contains("thread " + NO_THREAD) && e.reason().contains("errno 3 (ESRCH"), e.reason());
        }
    }

    @Test
    void aThreadIsMadeNicerAloneOfItsProcess() throws Exception {
        try (LinuxCpus.Idler nicer = new LinuxCpus.Idler();
                LinuxCpus.Idler other = new LinuxCpus.Idler()) {
            int before = nice(other.id());

            affinity.nice(nicer.id(), 19);

            assertEquals(19, nice(nicer.id()));
            assertEquals(before, nice(other.id()));
        }
    }

    @Test
    void aThreadIsGivenSlicesOfItsOwnAndTheKernelsAgain() throws Exception {
        try (LinuxCpus.Idler sliced = new LinuxCpus.Idler();
                LinuxCpus.Idler other = new LinuxCpus.Idler()) {
            Optional<Long> before = sliceNanos(other.id());
            affinity.slice(sliced.id(), 5_000_000);
            int niceAfter = nice(sliced.id());

            assertEquals(nice(other.id()), niceAfter);
            Assumptions.assumeTrue(before.isPresent(), "this kernel does not say what slices threads have");
            assertEquals(Optional.of(5_000_000L), sliceNanos(sliced.id()));
            assertEquals(before, sliceNanos(other.id()));

            affinity.slice(sliced.id(), 0);
            assertEquals(before, sliceNanos(sliced.id()));
        }
    }

    @Test
    void aThreadThatIsStartedByOneWithSlicesOfItsOwnHasTheKernels() throws Exception {
        Optional<Long> ofAny;
        try (LinuxCpus.Idler any = new LinuxCpus.Idler()) {
            ofAny = sliceNanos(any.id());
        }
        CompletableFuture<Optional<Long>> ofStarted = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                affinity.slice(affinity.threadId(), 5_000_000);
                try (LinuxCpus.Idler started = new LinuxCpus.Idler()) {
                    ofStarted.complete(sliceNanos(started.id()));
                }
            } catch (AffinityException | IOException e) {
                ofStarted.completeExceptionally(e);
            }
        });

        assertEquals(ofAny, ofStarted.join());
    }

    @Test
    void whereThreadsCannotBePinnedEveryCallSaysWhy() {
        Affinity none = new NoAffinity("not on this system");

        assertEquals("not on this system", reason(none::threadId));
        assertEquals("not on this system", reason(() -> none.get(1)));
        assertEquals("not on this system", reason(() -> none.has(1, CpuMask.NONE)));
        assertEquals("not on this system", reason(() -> none.set(1, CpuMask.NONE)));
        assertEquals("not on this system", reason(() -> none.nice(1, 1)));
        assertEquals("not on this system", reason(() -> none.slice(1, 1_000_000)));
    }

    private static String reason(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(AffinityException.class, call).reason();
    }

    /** Nothing where the kernel does not tell. */
    private static Optional<Long> sliceNanos(int threadId) throws IOException {
        Path sched = LinuxCpus.threadFolder(threadId).resolve("sched");
        if (!Files.exists(sched)) {
            return Optional.empty();
        }
        return Files.readAllLines(sched).stream()
                .filter(line -> line.startsWith("se.slice"))
                .map(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst();
    }

    /** The nineteenth field of stat; the second one is in brackets and may have blanks. */
    private static int nice(int threadId) throws IOException {
        String stat = Files.readString(LinuxCpus.threadFolder(threadId).resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Integer.parseInt(fields[16]);
    }
}

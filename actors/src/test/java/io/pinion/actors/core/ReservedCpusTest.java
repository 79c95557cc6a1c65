package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import io.pinion.modules.js.JsEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;

/** A real actor system with one core on a CPU of its own, and the masks of all threads of this process. */
class ReservedCpusTest {
    /** Generous: a process of its own on one shared CPU takes a while to start. */
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private static final List<String> COLLECTORS = List.of("GC Thread#", "G1 ");

    /** A system whose cores have started, and end with it. */
    private static ActorTestKit system() {
        ActorTestKit kit = ActorTestKit.create(
                ConfigFactory.parseString("pinion.cores { minimum = 1, reserve = 1, sweep-interval = 50 ms }")
                        .withFallback(ConfigFactory.load()));
        Cores.get(kit.system());
        return kit;
    }

    /** Runs what it is told. */
    private static Behavior<Runnable> runner() {
        return Behaviors.receive(Runnable.class)
                .onMessage(Runnable.class, task -> {
                    task.run();
                    return Behaviors.same();
                })
                .build();
    }

    private static ActorRef<Runnable> spawn(ActorTestKit kit) {
        return kit.spawn(runner(), DispatcherSelector.fromConfig(Cores.DISPATCHER));
    }

    @Test
    void afterALoadRunOnlyCoresAndTheCollectorMayUseAReservedCpu() throws Exception {
        CpuMask allowed = LinuxCpus.allowed();
        CpuMask reserved = allowed.highest(1);
        ActorTestKit kit = system();
        try (CapturedThreads kept = new CapturedThreads()) {
            CoreSet cores = Cores.get(kit.system());
            assertEquals(1, cores.count());
            assertEquals(reserved.toArray()[0], cores.cores().getFirst().cpu().orElseThrow());

            load(kit, kept);

            await(() -> straysFrom(allowed, reserved));
            assertTrue(names().stream().anyMatch(name -> name.startsWith("pinion-core-0")), () -> names().toString());
        } finally {
            kit.shutdownTestKit();
        }
        await(() -> confinedFrom(allowed));
    }

    /** Messages to many actors, of which each starts what inherits the mask of a core's thread. */
    private static void load(ActorTestKit kit, CapturedThreads kept) throws InterruptedException {
        int actors = 50;
        int messages = 200;
        CountDownLatch done = new CountDownLatch(actors * messages);
        AtomicInteger sum = new AtomicInteger();
        for (int i = 0; i < actors; i++) {
            ActorRef<Runnable> actor = spawn(kit);
            boolean starts = i % 10 == 0;
            for (int j = 0; j < messages; j++) {
                boolean first = starts && j == 0;
                actor.tell(() -> {
                    sum.addAndGet(work());
                    if (first) {
                        kept.start();
                        CompletableFuture<Void> _ = CompletableFuture.runAsync(ReservedCpusTest::work);
                        Thread _ = Thread.startVirtualThread(ReservedCpusTest::work);
                    }
                    done.countDown();
                });
            }
        }
        JsEngine.start();
        System.gc();
        assertTrue(done.await(DEADLINE.toSeconds(), TimeUnit.SECONDS), () -> done.getCount() + " turns are missing");
        assertTrue(sum.get() > 0);
    }

    private static int work() {
        return IntStream.range(0, 1000)
                .mapToObj(Integer::toString)
                .mapToInt(String::length)
                .sum();
    }

    @Test
    void aThreadThatACoreStartsEndsUpOffItsCpu() throws Exception {
        CpuMask allowed = LinuxCpus.allowed();
        CpuMask reserved = allowed.highest(1);
        ActorTestKit kit = system();
        CompletableFuture<LinuxCpus.Idler> started = new CompletableFuture<>();
        try {
            spawn(kit).tell(() -> started.complete(new LinuxCpus.Idler()));
            try (LinuxCpus.Idler thread = started.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                await(() -> unless(LinuxCpus.mask(thread.id()), allowed.minus(reserved)));
            }
        } finally {
            kit.shutdownTestKit();
        }
        await(() -> confinedFrom(allowed));
    }

    @Test
    void aThreadOfACoreThatWasMovedByHandComesBack() throws Exception {
        CpuMask allowed = LinuxCpus.allowed();
        CpuMask reserved = allowed.highest(1);
        ActorTestKit kit = system();
        CompletableFuture<Integer> core = new CompletableFuture<>();
        try {
            spawn(kit).tell(() -> core.complete(threadId()));
            int threadId = core.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            await(() -> unless(LinuxCpus.mask(threadId), reserved));

            for (int i = 0; i < 2; i++) { // the first time may meet the sweep at the start
                LinuxCpus.affinity().set(threadId, allowed.minus(reserved));
                await(() -> unless(LinuxCpus.mask(threadId), reserved));
            }
        } finally {
            kit.shutdownTestKit();
        }
        await(() -> confinedFrom(allowed));
    }

    @Test
    void onOneCpuItStartsUnpinnedAndSaysSoInOneLine() throws Exception {
        CpuMask allowed = LinuxCpus.allowed();
        int cpu = allowed.toArray()[0];
        Path taskset = Path.of("/usr/bin/taskset");
        assumeTrue(Files.isExecutable(taskset), () -> "needs " + taskset);
        Process child = new ProcessBuilder(
                        taskset.toString(),
                        "-c",
                        Integer.toString(cpu),
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        OneCpuMain.class.getName())
                .redirectErrorStream(true)
                .start();
        CompletableFuture<List<String>> output = CompletableFuture.supplyAsync(
                () -> child.inputReader().lines().toList(),
                task -> Thread.ofPlatform().daemon().start(task));
        try {
            assertTrue(child.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS), "the node on one CPU did not end");
        } finally {
            child.destroyForcibly();
        }
        List<String> lines = output.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);

        assertEquals(0, child.exitValue(), lines::toString);
        assertEquals(
                List.of("Cores: 1, unpinned: this process may use 1 CPU (" + cpu
                        + "), which the rest of the node needs"),
                lines.stream().filter(line -> line.startsWith("Cores: ")).toList());
        assertTrue(lines.contains("the actor ran on pinion-core-0, CPU of its core: none"), lines::toString);
    }

    /** What the test above starts on one CPU. */
    static final class OneCpuMain {
        private OneCpuMain() {}

        public static void main(String[] arguments) throws Exception {
            ActorTestKit kit;
            try (CapturedLog log = new CapturedLog(CpuReservation.class)) {
                kit = system();
                log.lines().forEach(System.out::println);
            }
            CompletableFuture<String> thread = new CompletableFuture<>();
            spawn(kit).tell(() -> thread.complete(Thread.currentThread().getName()));
            String cpu = Cores.get(kit.system()).cores().getFirst().cpu().isPresent() ? "one" : "none";
            System.out.println("the actor ran on " + thread.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                    + ", CPU of its core: " + cpu);
            kit.shutdownTestKit();
        }
    }

    /** Threads that were started by a core and stay. */
    private static final class CapturedThreads implements AutoCloseable {
        private final CountDownLatch end = new CountDownLatch(1);

        void start() {
            Thread.ofPlatform().name("by-a-core").daemon().start(() -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        @Override
        public void close() {
            end.countDown();
        }
    }

    private static int threadId() {
        try {
            return LinuxCpus.affinity().threadId();
        } catch (AffinityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every thread that is not where it belongs. */
    private static List<String> straysFrom(CpuMask allowed, CpuMask reserved) throws IOException {
        return threads((name, mask) -> {
            if (name.startsWith("pinion-core-")) {
                return mask.equals(reserved);
            }
            return mask.equals(COLLECTORS.stream().anyMatch(name::startsWith) ? allowed : allowed.minus(reserved));
        });
    }

    /** Every thread that may not use all CPUs. */
    private static List<String> confinedFrom(CpuMask allowed) throws IOException {
        return threads((name, mask) -> mask.equals(allowed));
    }

    private static List<String> unless(CpuMask mask, CpuMask wanted) {
        return mask.equals(wanted) ? List.of() : List.of("on " + mask);
    }

    private interface Rule {
        boolean isKept(String name, CpuMask mask);
    }

    private static List<String> threads(Rule rule) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.flatMap(thread -> {
                        try {
                            String name =
                                    Files.readString(thread.resolve("comm")).strip();
                            CpuMask mask = LinuxCpus.mask(thread);
                            return rule.isKept(name, mask) ? Stream.empty() : Stream.of(name + " on " + mask);
                        } catch (IOException e) {
                            return Files.exists(thread) ? Stream.of(thread + ": " + e) : Stream.empty();
                        }
                    })
                    .toList();
        }
    }

    private static List<String> names() {
        try {
            return threads((_, _) -> false);
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    private interface Complaints {
        List<String> get() throws IOException;
    }

    private static void await(Complaints complaints) throws IOException {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        List<String> last = complaints.get();
        while (!last.isEmpty()) {
            if (System.nanoTime() > deadline) {
                fail("after " + DEADLINE + " still: " + last);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            last = complaints.get();
        }
        assertFalse(Thread.interrupted());
    }
}

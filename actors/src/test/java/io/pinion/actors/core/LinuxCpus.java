package io.pinion.actors.core;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** What tests with real threads on real CPUs share. */
final class LinuxCpus {
    private LinuxCpus() {}

    /** That of this machine; the test is skipped where it is no use. */
    static Affinity affinity() {
        Affinity affinity = Affinity.ofThisMachine();
        assumeTrue(affinity instanceof LinuxAffinity, () -> "needs Linux: " + affinity);
        return affinity;
    }

    /** What this process may use; the test is skipped where that is one CPU. */
    static CpuMask allowed() throws AffinityException {
        CpuMask allowed = affinity().get(Math.toIntExact(ProcessHandle.current().pid()));
        assumeTrue(allowed.size() >= 2, () -> "needs two CPUs, and this process may use " + allowed);
        return allowed;
    }

    /** What the kernel says of a thread. */
    static CpuMask mask(int threadId) throws IOException {
        return mask(threadFolder(threadId));
    }

    static CpuMask mask(Path threadFolder) throws IOException {
        List<String> status = Files.readAllLines(threadFolder.resolve("status"));
        return status.stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> CpuMask.parse(line.substring(line.indexOf(':') + 1)))
                .findFirst()
                .orElseThrow(() -> new IOException("no mask in " + status));
    }

    static Path threadFolder(int threadId) {
        return Path.of("/proc/self/task", Integer.toString(threadId));
    }

    /** A thread that does nothing until it is closed. */
    static final class Idler implements AutoCloseable {
        private final CountDownLatch end = new CountDownLatch(1);
        private final int id;

        Idler() {
            CompletableFuture<Integer> started = new CompletableFuture<>();
            Thread.ofPlatform().name("idler").daemon().start(() -> run(started));
            id = started.join();
        }

        private void run(CompletableFuture<Integer> started) {
            try {
                started.complete(affinity().threadId());
                end.await();
            } catch (AffinityException | InterruptedException e) {
                started.completeExceptionally(e);
            }
        }

        int id() {
            return id;
        }

        @Override
        public void close() {
            end.countDown();
        }
    }
}

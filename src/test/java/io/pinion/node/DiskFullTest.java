package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A disk that really fills up: a small file system in memory, which only root may make. */
@ExtendWith(QuietLog.class)
@Timeout(300)
class DiskFullTest {
    private static final int DISK_MIB = 64;
    private static final int LEFT_BYTES = 96 << 10;
    private static final int TRANSFERS_MAX = 20_000;
    private static final int ACCOUNTS = 10;
    private static final long OPENING_BALANCE = 1_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private boolean isMounted;

    @BeforeEach
    void mount() throws Exception {
        Process mount = new ProcessBuilder(
                        "mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "tmpfs", directory.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        isMounted = mount.waitFor() == 0;
        assumeTrue(isMounted, "this user may not mount a file system that fills up: " + said);
    }

    @AfterEach
    void unmount() throws Exception {
        if (isMounted) {
            // Lazily, as the log of the last node that was started in this JVM stays open.
            Process unmount = new ProcessBuilder("umount", "--lazy", directory.toString())
                    .inheritIO()
                    .start();
            assertTrue(
                    unmount.waitFor(30, TimeUnit.SECONDS) && unmount.exitValue() == 0, "the file system stays mounted");
        }
    }

    @Test
    void aFullDiskIsNamedAndEverythingAcknowledgedIsThereWhenThereIsSpaceAgain() throws Exception {
        String token;
        Path ballast = directory.resolve("ballast");
        long acknowledged = 0;
        try (PinionNode node = start()) {
            Bank bank = Bank.at(node.url(), "bank", "");
            token = bank.token();
            open(bank);
            Bank other = Bank.at(node.url(), "other", token);
            open(other);
            fill(ballast);

            HttpResponse<String> answer = bank.call("transfer", "[1,2,1]");
            while (answer.statusCode() == 200 && acknowledged < TRANSFERS_MAX) {
                acknowledged++;
                answer = bank.call("transfer", "[1,2,1]");
            }

            assertTrue(acknowledged > 0, "the disk was full at once");
            assertEquals(500, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("whether it was carried out is not known"), answer.body());
            for (Bank each : new Bank[] {bank, other}) {
                HttpResponse<String> refused = awaitRefusal(each);
                assertTrue(refused.body().contains("No space left on device"), refused.body());
            }
        }

        Files.delete(ballast);
        try (PinionNode node = start()) {
            Map<Long, Long> balances = Bank.at(node.url(), "bank", token).balances();

            assertEquals(
                    ACCOUNTS * OPENING_BALANCE,
                    balances.values().stream().mapToLong(Long::longValue).sum());
            long done = balances.getOrDefault(2L, 0L) - OPENING_BALANCE;
            assertTrue(
                    done == acknowledged || done == acknowledged + 1,
                    acknowledged + " were acknowledged and one unknown, found " + done);
            Bank other = Bank.at(node.url(), "other", token);
            assertEquals(200, other.call("transfer", "[1,2,1]").statusCode());
        }
    }

    @Test
    void aNodeThatFindsNoSpaceToStartSaysSo() throws Exception {
        start().close();
        fill(directory.resolve("ballast"));
        Files.write(directory.resolve("rest"), new byte[0]);
        fillUp(directory.resolve("rest"));

        String refusal = "";
        try (PinionNode _ = start()) {
            refusal = "it started";
        } catch (NodeStartException e) {
            refusal = String.valueOf(e.getMessage());
        }

        assertTrue(refusal.contains("is full") || refusal.contains("No space left on device"), refusal);
    }

    private static void open(Bank bank) throws Exception {
        assertEquals(200, bank.publish(Bank.WASM_PROGRAM).statusCode());
        assertEquals(
                200,
                bank.call("seed", "[" + ACCOUNTS + "," + OPENING_BALANCE + "]").statusCode());
    }

    /** A database whose calls have to wait may be answered when it has been told that the journal is gone. */
    private static HttpResponse<String> awaitRefusal(Bank bank) throws Exception {
        long begin = System.nanoTime();
        HttpResponse<String> answer = bank.call("transfer", "[1,2,1]");
        while (answer.statusCode() != 503) {
            assertTrue(answer.statusCode() == 500, answer.statusCode() + " " + answer.body());
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(60), "no refusal came: " + answer.body());
            answer = bank.call("transfer", "[1,2,1]");
        }
        return answer;
    }

    /** Leaves only a little. */
    private void fill(Path file) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        try (var out = Files.newOutputStream(file)) {
            byte[] block = new byte[1 << 16];
            for (long written = 0; written + block.length <= free - LEFT_BYTES; written += block.length) {
                out.write(block);
            }
        }
    }

    private static void fillUp(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            byte[] block = new byte[1 << 12];
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e::toString);
        }
    }

    private PinionNode start() throws NodeStartException {
        return TestNode.start(
                directory.resolve("data"),
                Map.of(
                        // So that the log is not given its room in advance.
                        "pinion.journal.rocksdb.write-buffer-size",
                        "64 KiB",
                        // Twice of which the test waits.
                        "pinion.durability.settle-timeout",
                        "2 s"));
    }
}

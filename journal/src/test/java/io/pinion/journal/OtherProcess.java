package io.pinion.journal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.testkit.javadsl.TestKit;

/** What tests need a second JVM for; each talks to the test in lines on its standard output. */
final class OtherProcess {
    private OtherProcess() {}

    /** @param prefix what stands before the command of the JVM */
    static Process start(Class<?> main, List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED"));
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Opens the store and keeps it until the process is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            JournalNode node = JournalNode.start(Path.of(arguments[0]));
            node.store();
            say("open");
            System.in.read();
            node.close();
        }
    }

    /** Writes events of 1 MiB until one fails; says the number of each acknowledged one, then why it ended. */
    static final class Filler {
        private Filler() {}

        public static void main(String[] arguments) {
            try (JournalNode node =
                    JournalNode.start(Path.of(arguments[0]), "pinion.journal.rocksdb.write-buffer-size = 256 MiB")) {
                String text = "0123456789abcdef".repeat(64 * 1024);
                long acknowledged = 0;
                Object answer = write(node, 1, text);
                while (!(answer instanceof JournalProtocol.WriteMessagesFailed)) {
                    acknowledged++;
                    answer = write(node, acknowledged + 1, text);
                }
                say("acknowledged " + acknowledged);
                say("cause "
                        + ((JournalProtocol.WriteMessagesFailed) answer).cause().getMessage());
                say("failure " + node.store().failure().isPresent());
                Object next = write(node, 1, "another id", "other");
                say("next " + (next instanceof JournalProtocol.WriteMessagesFailed));
                say("highest " + node.replayFailure("filler").getMessage());
            }
        }

        private static Object write(JournalNode node, long sequenceNr, String payload) {
            return write(node, sequenceNr, payload, "filler");
        }

        private static Object write(JournalNode node, long sequenceNr, String payload, String id) {
            TestKit probe = node.probe();
            node.write(probe, JournalNode.atomically(JournalNode.event(id, sequenceNr, payload)));
            return probe.expectMsgClass(JournalNode.PATIENCE, Object.class);
        }
    }

    /** Has the commit thread run out of memory, which is to end the process; it does not by itself. */
    static final class OutOfMemory {
        private OutOfMemory() {}

        public static void main(String[] arguments) throws InterruptedException {
            RocksDbStore store = JournalNode.start(Path.of(arguments[0])).store();
            say("open");
            store.submit(new Operation.Append(new Unreadable(), 1, new CompletableFuture<>()));
            new CountDownLatch(1).await();
        }

        private static final class Unreadable extends AbstractList<PendingWrite> {
            @Override
            public PendingWrite get(int index) {
                throw new OutOfMemoryError("on purpose");
            }

            @Override
            public int size() {
                return 1;
            }
        }
    }

    private static void say(String line) {
        PrintStream out = System.out;
        out.println(line);
        out.flush();
    }
}

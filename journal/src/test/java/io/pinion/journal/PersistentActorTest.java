package io.pinion.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.actor.Props;
import org.apache.pekko.persistence.AbstractPersistentActor;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.RecoveryCompleted;
import org.apache.pekko.persistence.SaveSnapshotSuccess;
import org.apache.pekko.persistence.SnapshotOffer;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real persistent actors on the journal: what was acknowledged to them is there when they come back. */
class PersistentActorTest {
    private static final int ACTORS = 50;
    private static final int EVENTS_BEFORE_CRASH = 2000;

    @TempDir
    private Path directory;

    @Test
    void anActorRecoversWhatItPersistedOneByOneAndTogether() {
        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            ActorRef list = node.system().actorOf(ListActor.props("list"));
            list.tell(new Persist("a"), probe.getRef());
            list.tell(new PersistAll(List.of("b", "c", "d")), probe.getRef());
            list.tell(new Persist("e"), probe.getRef());
            for (String stored : List.of("a", "b", "c", "d", "e")) {
                probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted(stored));
            }
        }

        assertEquals(List.of("a", "b", "c", "d", "e"), recovered("list"));
    }

    @Test
    void anActorGoesOnAfterARejectedEvent() {
        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            ActorRef list = node.system().actorOf(ListActor.props("list"));
            list.tell(new Persist("a"), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("a"));
            list.tell(new Persist(new Object()), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, Rejected.INSTANCE);
            list.tell(new Persist("c"), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("c"));
        }

        assertEquals(List.of("a", "c"), recovered("list"));
    }

    @Test
    void anActorRecoversFromItsSnapshotAndWhatCameAfter() {
        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            ActorRef list = node.system().actorOf(ListActor.props("list"));
            list.tell(new PersistAll(List.of("a", "b")), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("a"));
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("b"));
            list.tell(SaveAndForget.INSTANCE, probe.getRef());
            probe.expectMsgClass(JournalNode.PATIENCE, DeleteMessagesSuccess.class);
            list.tell(new Persist("c"), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("c"));

            assertEquals(List.of("c"), node.replay("list").payloads());
        }

        assertEquals(List.of("snapshot of a,b", "c"), recovered("list"));
    }

    @Test
    void aSecondCopyOfAnActorFencesTheFirst() {
        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            ActorRef first = node.system().actorOf(ListActor.props("list"));
            first.tell(new Persist("a"), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("a"));
            ActorRef second = node.system().actorOf(ListActor.props("list"));
            second.tell(new Persist("b"), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("b"));

            for (int i = 0; i < 3; i++) {
                first.tell(new Persist("stale"), probe.getRef());
                probe.expectMsgEquals(JournalNode.PATIENCE, Rejected.INSTANCE);
            }
            second.tell(new Persist("c"), probe.getRef());
            probe.expectMsgEquals(JournalNode.PATIENCE, new Persisted("c"));
        }

        assertEquals(List.of("a", "b", "c"), recovered("list"));
    }

    @Test
    void whatManyActorsWereToldIsThereAfterACrash() throws IOException, InterruptedException {
        Path live = directory.resolve("live");
        Path crashed = directory.resolve("crashed");
        Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        CountDownLatch enough = new CountDownLatch(EVENTS_BEFORE_CRASH);
        Map<String, Long> promised;
        try (JournalNode node = JournalNode.start(live)) {
            for (int i = 0; i < ACTORS; i++) {
                String id = "counter-" + i;
                node.system().actorOf(CountingActor.props(id, acknowledged, enough));
            }
            assertTrue(enough.await(JournalNode.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            promised = new HashMap<>(acknowledged);
            Directories.copyLive(live, crashed);

            JournalMetrics metrics = node.store().metrics();
            assertTrue(metrics.batches() * 2 < metrics.atomicWrites(), "writes were not grouped: " + metrics);
        }

        assertEquals(ACTORS, promised.size());
        try (JournalNode node = JournalNode.start(crashed)) {
            promised.forEach((id, count) -> {
                List<Object> events = node.replay(id).payloads();
                assertTrue(events.size() >= count, id + " lost events: " + events.size() + " of " + count);
                for (int n = 0; n < events.size(); n++) {
                    assertEquals(id + "/" + (n + 1), events.get(n));
                }
            });
        }
    }

    private List<String> recovered(String id) {
        try (JournalNode node = JournalNode.start(directory)) {
            TestKit probe = node.probe();
            ActorRef list = node.system().actorOf(ListActor.props(id));
            list.tell(Tell.INSTANCE, probe.getRef());
            Content content = probe.expectMsgClass(JournalNode.PATIENCE, Content.class);
            list.tell(PoisonPill.getInstance(), ActorRef.noSender());
            return content.elements();
        }
    }

    private record Persist(Object element) {}

    private record PersistAll(List<String> elements) {}

    private record Persisted(Object element) {}

    private record Content(List<String> elements) {}

    private enum Rejected {
        INSTANCE
    }

    private enum SaveAndForget {
        INSTANCE
    }

    private enum Tell {
        INSTANCE
    }

    private static final class ListActor extends AbstractPersistentActor {
        private final String id;
        private final List<String> elements = new ArrayList<>();
        private ActorRef forgetter = ActorRef.noSender();

        private ListActor(String id) {
            this.id = id;
        }

        static Props props(String id) {
            return Props.create(ListActor.class, () -> new ListActor(id));
        }

        @Override
        public String persistenceId() {
            return id;
        }

        @Override
        public AbstractActor.Receive createReceiveRecover() {
            return receiveBuilder()
                    .match(String.class, elements::add)
                    .match(SnapshotOffer.class, offer -> elements.add("snapshot of " + offer.snapshot()))
                    .match(RecoveryCompleted.class, _ -> {})
                    .build();
        }

        @Override
        public AbstractActor.Receive createReceive() {
            return receiveBuilder()
                    .match(Persist.class, command -> persist(command.element(), this::onPersisted))
                    .match(PersistAll.class, command -> persistAll(command.elements(), this::onPersisted))
                    .matchEquals(SaveAndForget.INSTANCE, _ -> {
                        forgetter = getSender();
                        saveSnapshot(String.join(",", elements));
                    })
                    .match(
                            SaveSnapshotSuccess.class,
                            saved -> deleteMessages(saved.metadata().sequenceNr()))
                    .match(DeleteMessagesSuccess.class, deleted -> forgetter.tell(deleted, getSelf()))
                    .matchEquals(Tell.INSTANCE, _ -> getSender().tell(new Content(List.copyOf(elements)), getSelf()))
                    .build();
        }

        @Override
        public void onPersistRejected(Throwable cause, Object event, long sequenceNr) {
            getSender().tell(Rejected.INSTANCE, getSelf());
        }

        private void onPersisted(Object element) {
            elements.add(String.valueOf(element));
            getSender().tell(new Persisted(element), getSelf());
        }
    }

    /** Persists one event after the other, and writes down the highest that was acknowledged. */
    private static final class CountingActor extends AbstractPersistentActor {
        private final String id;
        private final Map<String, Long> acknowledged;
        private final CountDownLatch enough;

        private CountingActor(String id, Map<String, Long> acknowledged, CountDownLatch enough) {
            this.id = id;
            this.acknowledged = acknowledged;
            this.enough = enough;
        }

        static Props props(String id, Map<String, Long> acknowledged, CountDownLatch enough) {
            return Props.create(CountingActor.class, () -> new CountingActor(id, acknowledged, enough));
        }

        @Override
        public String persistenceId() {
            return id;
        }

        @Override
        public AbstractActor.Receive createReceiveRecover() {
            return receiveBuilder()
                    .match(RecoveryCompleted.class, _ -> getSelf().tell(Tell.INSTANCE, getSelf()))
                    .build();
        }

        @Override
        public AbstractActor.Receive createReceive() {
            return receiveBuilder()
                    .matchEquals(Tell.INSTANCE, _ -> persist(id + "/" + (lastSequenceNr() + 1), _ -> onPersisted()))
                    .build();
        }

        private void onPersisted() {
            acknowledged.put(id, lastSequenceNr());
            enough.countDown();
            getSelf().tell(Tell.INSTANCE, getSelf());
        }
    }
}

package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.AdmissionSettings.Bound;
import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.CallOutcome;
import io.pinion.actors.database.Database.Caller;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.DescribeOutcome;
import io.pinion.actors.database.Database.Moved;
import io.pinion.actors.database.Database.Overloaded;
import io.pinion.actors.database.Database.PublishOutcome;
import io.pinion.actors.database.Database.RequestId;
import io.pinion.actors.database.Database.Unavailable;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.apache.pekko.dispatch.Envelope;
import org.apache.pekko.dispatch.MessageQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final int CALLS = 10;
    private static final long BYTES = 100_000;
    private static final Unavailable STUCK = new Unavailable("stuck");

    private final AtomicInteger closed = new AtomicInteger();
    private final Admission admission = admission(CALLS, BYTES);
    private final TestInbox<CallOutcome> answers = TestInbox.create();

    private Admission admission(int calls, long bytes) {
        return new Admission(
                new AdmissionSettings(
                        new Bound(calls, bytes),
                        new Bound(2, 10_000),
                        new Bound(2, 10_000),
                        new Bound(2, 10_000),
                        new Bound(2, 10_000)),
                closed::incrementAndGet);
    }

    private static Command.CallReducer call(String name, int bytes, TestInbox<CallOutcome> answers) {
        return new Command.CallReducer(
                name,
                new Arguments.Bsatn(Bytes.wrap(new byte[bytes])),
                new Caller(TestDatabases.OWNER, ConnectionId.NONE),
                RequestId.NONE,
                true,
                Database.NO_DEADLINE,
                answers.getRef());
    }

    private Command.CallReducer call(String name) {
        return call(name, 0, answers);
    }

    private static Command.Describe describe() {
        return new Command.Describe(TestInbox.<DescribeOutcome>create().getRef());
    }

    private static Command.Publish publish() {
        return new Command.Publish(
                Bytes.EMPTY,
                TestDatabases.OWNER,
                false,
                TestInbox.<PublishOutcome>create().getRef());
    }

    private void send(Object... messages) {
        for (Object message : messages) {
            admission.enqueue(ActorRef.noSender(), new Envelope(message, ActorRef.noSender()));
        }
    }

    private @Nullable Object next() {
        boolean hasMessages = admission.hasMessages();
        Envelope envelope = admission.dequeue();
        assertEquals(hasMessages, envelope != null);
        return envelope == null ? null : envelope.message();
    }

    @Test
    void controlGoesFirstAndLanesTakeTurns() {
        Command.CallReducer first = call("first");
        Command.CallReducer second = call("second");
        Command.Describe describe = describe();
        Command.Describe another = describe();
        Command.Publish publish = publish();
        Command.Rebind rebind = new Command.Rebind(1);
        Command.SetWeight weight = new Command.SetWeight(5);
        send(first, second, describe, another, publish, Note.ScheduleDue.INSTANCE);
        send(Note.IdleCheck.INSTANCE, weight, rebind, Command.Stop.INSTANCE);
        assertEquals(7, admission.numberOfMessages());

        assertSame(Command.Stop.INSTANCE, next());
        assertSame(rebind, next());
        assertSame(weight, next());
        assertSame(Note.IdleCheck.INSTANCE, next());
        assertSame(publish, next());
        assertSame(describe, next());
        assertSame(Note.ScheduleDue.INSTANCE, next());
        assertSame(first, next());
        assertSame(another, next());
        assertSame(second, next());
        assertNull(next());
        assertEquals(0, admission.numberOfMessages());
    }

    @Test
    void ofUrgentCommandsOnlyTheNewestIsKept() {
        for (int i = 0; i < 1000; i++) {
            send(new Command.Rebind(i), new Command.SetWeight(1 + i), Command.Stop.INSTANCE);
        }

        assertSame(Command.Stop.INSTANCE, next());
        assertEquals(new Command.Rebind(999), next());
        assertEquals(new Command.SetWeight(1000), next());
        assertNull(next());
    }

    @Test
    void aLaneThatIsFullByCountAnswersAtOnce() {
        for (int i = 0; i < CALLS; i++) {
            send(call("call " + i));
        }
        assertFalse(answers.hasMessages());

        send(call("one too many"));

        Overloaded refusal = assertInstanceOf(Overloaded.class, answers.receiveMessage());
        assertTrue(refusal.retryAfter().compareTo(Duration.ofMillis(10)) >= 0, refusal.toString());
        assertTrue(refusal.retryAfter().compareTo(Duration.ofSeconds(10)) <= 0, refusal.toString());
        assertEquals(CALLS, admission.numberOfMessages());
        assertInstanceOf(Command.CallReducer.class, next());
        send(call("the next"));
        assertFalse(answers.hasMessages());
    }

    @Test
    void aLaneThatIsFullByBytesAnswersAtOnce() {
        send(call("a", 60_000, answers), call("b", 30_000, answers));
        assertFalse(answers.hasMessages());

        send(call("c", 30_000, answers));
        assertInstanceOf(Overloaded.class, answers.receiveMessage());

        send(call("d", 5_000, answers));
        assertFalse(answers.hasMessages());
        assertEquals(3, admission.numberOfMessages());
    }

    @Test
    void onlyAnEmptyLaneTakesWhatIsLargerThanAllItsBytes() {
        Command.CallReducer large = call("large", (int) BYTES + 1, answers);
        send(large);
        assertFalse(answers.hasMessages());

        send(call("small"));
        assertInstanceOf(Overloaded.class, answers.receiveMessage());

        assertSame(large, next());
        send(call("small"));
        assertFalse(answers.hasMessages());
        send(large);
        assertInstanceOf(Overloaded.class, answers.receiveMessage());
    }

    @Test
    void whatIsHeldWaitsInOrderAndControlDoesNot() {
        Command.CallReducer first = call("first");
        Command.CallReducer second = call("second");
        Command.Describe describe = describe();
        admission.holdCalls();
        send(first, Note.ScheduleDue.INSTANCE, second, describe);

        assertSame(describe, next());
        assertNull(next());
        admission.onlyControl(true);
        admission.releaseCalls();
        send(publish(), Note.IdleCheck.INSTANCE);
        assertSame(Note.IdleCheck.INSTANCE, next());
        assertNull(next());
        admission.holdPublishes();
        admission.onlyControl(false);
        assertSame(Note.ScheduleDue.INSTANCE, next());
        assertSame(first, next());
        assertSame(second, next());
        assertNull(next());
        admission.releasePublishes();
        assertInstanceOf(Command.Publish.class, next());
    }

    @Test
    void theArrivalOfACallIsWhenItWasSent() {
        long before = Clock.SYSTEM.epochMicros();
        send(call("call"));
        long after = Clock.SYSTEM.epochMicros();

        next();

        assertTrue(before <= admission.arrivalMicros() && admission.arrivalMicros() <= after);
    }

    @Test
    void callsOfTheModuleBeyondTheBoundAreDroppedWithWord() {
        List<String> dropped = new ArrayList<>();
        admission.onOwnCallDropped((call, reason) -> dropped.add(call.function() + ": " + reason));
        for (int i = 0; i < 3; i++) {
            send(new Note.CallImmediately("f" + i, Bytes.EMPTY));
        }

        assertEquals(List.of("f2: too many such calls wait already"), dropped);
        send(Note.ScheduleDue.INSTANCE, new Note.CatchUp(1));
        assertEquals(4, admission.numberOfMessages());
        admission.dropOwnCalls("over");
        assertEquals(List.of("f2: too many such calls wait already", "f0: over", "f1: over"), dropped);
        assertEquals(new Note.CatchUp(1), next());
        assertEquals(0, admission.numberOfMessages());
    }

    @Test
    void whileCallsAreRefusedWhatWaitsAndWhatComesIsAnsweredOnAnyThread() {
        send(call("waits"), describe(), publish());

        CompletableFuture.runAsync(() -> admission.refuseCalls(STUCK))
                .orTimeout(30, TimeUnit.SECONDS)
                .join();

        assertEquals(STUCK, answers.receiveMessage());
        assertEquals(0, admission.numberOfMessages());
        send(call("comes"));
        assertEquals(STUCK, answers.receiveMessage());
        send(Command.Stop.INSTANCE, Note.IdleCheck.INSTANCE);
        assertSame(Command.Stop.INSTANCE, next());
        assertSame(Note.IdleCheck.INSTANCE, next());
        admission.acceptCalls();
        send(call("comes later"));
        assertFalse(answers.hasMessages());
    }

    @Test
    void aPhaseThatTurnsCommandsAwayOutlastsTheEndOfAStuckCall() {
        Unavailable phase = new Unavailable("recovers");
        admission.refuseCalls(STUCK);
        admission.turnAway(phase);
        admission.acceptCalls();

        send(call("comes"));
        assertEquals(phase, answers.receiveMessage());
        admission.takeUp();
        send(call("comes later"));
        assertFalse(answers.hasMessages());
    }

    @Test
    void theEndAnswersEverythingAndBuriesNotes() {
        List<Object> buried = new ArrayList<>();
        MessageQueue deadLetters = new DeadLetters(buried);
        List<String> dropped = new ArrayList<>();
        admission.onOwnCallDropped((call, reason) -> dropped.add(call.function()));
        admission.holdCalls();
        send(call("waits"), describe(), new Note.CallImmediately("f", Bytes.EMPTY), Note.IdleCheck.INSTANCE);

        admission.cleanUp(ActorRef.noSender(), deadLetters);

        assertInstanceOf(Moved.class, answers.receiveMessage());
        assertEquals(0, admission.numberOfMessages());
        assertEquals(List.of("f"), dropped);
        assertEquals(List.of(Note.IdleCheck.INSTANCE), buried);
        assertEquals(1, closed.get());
        admission.acceptCalls();
        send(call("too late"), Note.ScheduleTimer.INSTANCE, new Note.CallImmediately("g", Bytes.EMPTY));
        assertInstanceOf(Moved.class, answers.receiveMessage());
        assertEquals(List.of(Note.IdleCheck.INSTANCE, Note.ScheduleTimer.INSTANCE), buried);
        assertEquals(List.of("f", "g"), dropped);
        assertEquals(0, admission.numberOfMessages());
    }

    /** A deadLetters mailbox that remembers. */
    private record DeadLetters(List<Object> buried) implements MessageQueue {
        @Override
        public void enqueue(ActorRef receiver, Envelope envelope) {
            buried.add(envelope.message());
        }

        @Override
        public @Nullable Envelope dequeue() {
            return null;
        }

        @Override
        public int numberOfMessages() {
            return 0;
        }

        @Override
        public boolean hasMessages() {
            return false;
        }

        @Override
        public void cleanUp(ActorRef owner, MessageQueue deadLetters) {}
    }

    @Test
    void manySendersGetExactlyWhatThereIsRoomFor() throws Exception {
        int senders = 4;
        int each = 20_000;
        int room = 12_345;
        Admission crowded = admission(room, Integer.MAX_VALUE);

        sendFrom(senders, each, _ -> 0, crowded);

        assertEquals(senders * each - room, answers.getAllReceived().size());
        assertEquals(room, crowded.numberOfMessages());
    }

    /** Bytes of the next call of a sender. */
    private interface Sizes {
        int next(int sender);
    }

    private void sendFrom(int senders, int each, Sizes sizes, Admission to) throws Exception {
        CyclicBarrier start = new CyclicBarrier(senders);
        try (ExecutorService executor = Executors.newFixedThreadPool(senders)) {
            List<Future<?>> sending = new ArrayList<>();
            for (int i = 0; i < senders; i++) {
                int sender = i;
                sending.add(executor.submit(() -> {
                    start.await(30, TimeUnit.SECONDS);
                    for (int j = 0; j < each; j++) {
                        Command.CallReducer call = call("f", sizes.next(sender), answers);
                        to.enqueue(ActorRef.noSender(), new Envelope(call, ActorRef.noSender()));
                    }
                    return null;
                }));
            }
            for (Future<?> sender : sending) {
                sender.get(60, TimeUnit.SECONDS);
            }
        }
    }

    /** One thread takes out, one refuses now and then, as the actor and the watch over stuck calls do. */
    @Test
    void whatManySendIsHandedOutOrAnsweredExactlyOnce() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<Random> random = List.of(new Random(seed), new Random(seed + 1), new Random(seed + 2));
        int senders = random.size();
        int each = 30_000;
        Admission busy = admission(500, BYTES);
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger handedOut = new AtomicInteger();
        CompletableFuture<Void> actor = CompletableFuture.runAsync(() -> {
            while (!isOver.get() || busy.hasMessages()) {
                if (busy.dequeue() == null) {
                    Thread.onSpinWait();
                } else {
                    handedOut.incrementAndGet();
                }
            }
        });
        CompletableFuture<Void> watch = CompletableFuture.runAsync(() -> {
            while (!isOver.get()) {
                busy.refuseCalls(STUCK);
                busy.acceptCalls();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
            }
        });

        sendFrom(senders, each, sender -> random.get(sender).nextInt(1000), busy);
        isOver.set(true);
        CompletableFuture.allOf(actor, watch).get(60, TimeUnit.SECONDS);

        assertEquals(senders * each, handedOut.get() + answers.getAllReceived().size());
        assertEquals(0, busy.numberOfMessages());
        assertTrue(handedOut.get() > 0);
    }

    @Test
    void neverMoreBytesWaitThanAreAllowed() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<Random> random = List.of(new Random(seed), new Random(seed + 1), new Random(seed + 2));
        Lane lane = new Lane(new Bound(1_000_000, BYTES));
        AtomicLong most = new AtomicLong();
        List<Thread> senders = random.stream()
                .map(sizes -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 20_000; i++) {
                        lane.offer(new Envelope("call", ActorRef.noSender()), 1 + sizes.nextInt(20_000));
                        most.accumulateAndGet(lane.bytes(), Math::max);
                        if (sizes.nextInt(3) == 0) {
                            lane.poll();
                        }
                    }
                }))
                .toList();
        for (Thread sender : senders) {
            assertTrue(sender.join(Duration.ofSeconds(60)));
        }

        assertTrue(most.get() > BYTES / 2 && most.get() <= BYTES, "at most " + most);
        while (lane.poll() != null) {}
        assertEquals(0, lane.bytes());
        assertEquals(0, lane.count());
    }
}

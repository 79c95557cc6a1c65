package io.pinion.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.pool.InstancePool.Answer;
import io.pinion.actors.pool.InstancePool.Program;
import io.pinion.actors.pool.PoolLogic.Borrower;
import io.pinion.actors.pool.TestModule.TestInstance;
import io.pinion.modules.Instance;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.Test;

/** Borrowers, workers and time do what a seed says, and after each step everything has to add up. */
class PoolLogicTest {
    private static final int STEPS = 3000;

    @Test
    void whateverHappensEveryInstanceHasOneOwnerAndIsClosedOnce() {
        Set<Event> reached = EnumSet.noneOf(Event.class);
        for (long seed = 1; seed <= 40; seed++) {
            reached.addAll(run(seed));
        }

        assertEquals(EnumSet.allOf(Event.class), reached);
    }

    @Test
    void theSameHoldsForASeedThatNobodyHasTried() {
        run(new Random().nextLong());
    }

    private static Set<Event> run(long seed) {
        Simulation simulation = new Simulation(seed);
        try {
            for (int i = 0; i < STEPS; i++) {
                simulation.step();
                simulation.check();
            }
            simulation.end();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + " after " + simulation.steps + " steps: " + e.getMessage(), e);
        }
        return simulation.reached;
    }

    /** What the runs have to have come by, else they show nothing. */
    private enum Event {
        LENT,
        REFUSED,
        EVICTED,
        FAILED,
        UPDATED_WHILE_MAKING,
        DIED_IN_CALL,
        FULL
    }

    private static final class Simulation implements PoolLogic.Outside {
        private final Random random;
        private final Set<Event> reached = new HashSet<>();
        private final TestModule module = new TestModule();
        private final PoolSettings settings;
        private final PoolLogic logic;

        private final List<Actor> actors = new ArrayList<>();
        private final Set<Borrower> watched = new HashSet<>();
        private final ArrayDeque<Making> ordered = new ArrayDeque<>();
        private final ArrayDeque<Runnable> mailbox = new ArrayDeque<>();
        private final List<Loan> over = new ArrayList<>();
        private final List<Loan> inCall = new ArrayList<>();
        private final Set<Instance> inHands = new HashSet<>();

        private long nowNanos;
        private long generation = 1;
        private int steps;
        /** Calls that have ended after their borrower, of which the pool has not heard. */
        private int left;

        private int depth;
        private int totalBefore;
        private int broughtCount;

        /** A borrower: what it has, and how many answers it is owed. */
        private static final class Actor {
            private final TestInbox<Answer> inbox = TestInbox.create();
            private final Borrower borrower = new Borrower(inbox.getRef());
            private final List<Loan> loans = new ArrayList<>();
            private final ArrayDeque<Long> asked = new ArrayDeque<>();
        }

        Simulation(long seed) {
            random = new Random(seed);
            settings = new PoolSettings(
                    1 + random.nextInt(5),
                    random.nextBoolean(),
                    Duration.ofNanos(200),
                    6,
                    Duration.ofNanos(100),
                    Duration.ofNanos(10),
                    Duration.ofNanos(80),
                    new WorkerSettings(2, 1, 1, Duration.ofSeconds(1), 1));
            module.whileMaking = this::meanwhile;
            logic = new PoolLogic(settings, program(), () -> nowNanos, this);
            for (int i = 0; i < 5; i++) {
                actors.add(new Actor());
            }
        }

        private Program program() {
            return module.program(generation);
        }

        void step() {
            steps++;
            switch (random.nextInt(14)) {
                case 0, 1, 2 -> borrowIfBusy(anyActor());
                case 3, 4 -> giveBack(anyActor(), random.nextInt(4) > 0);
                case 5 -> giveBackAgain();
                case 6 -> enterCall(anyActor());
                case 7 -> leaveCall();
                case 8 -> dieSometimes();
                case 9 -> updateSometimes();
                case 10, 11 -> work();
                case 12 -> deliver();
                default -> advance();
            }
            deliverAnswers();
        }

        private Actor anyActor() {
            return actors.get(random.nextInt(actors.size()));
        }

        /** Times in which everybody wants an instance, and times in which nobody does. */
        private void borrowIfBusy(Actor actor) {
            if (steps / 100 % 2 == 1) {
                return;
            }
            actor.asked.add(nowNanos);
            logic.borrow(actor.borrower);
        }

        private void giveBack(Actor actor, boolean inGoodOrder) {
            Loan loan = actor.loans.stream()
                    .filter(one -> !inCall.contains(one))
                    .findAny()
                    .orElse(null);
            if (loan == null) {
                return;
            }
            actor.loans.remove(loan);
            letGo(loan);
            ((TestInstance) loan.instance()).isUsable = inGoodOrder || random.nextBoolean();
            if (inGoodOrder) {
                logic.returned(loan);
            } else {
                logic.discarded(loan);
            }
        }

        private void letGo(Loan loan) {
            inHands.remove(loan.instance());
            over.add(loan);
        }

        private void giveBackAgain() {
            if (!over.isEmpty()) {
                Loan loan = over.get(random.nextInt(over.size()));
                if (random.nextBoolean()) {
                    logic.returned(loan);
                } else {
                    logic.discarded(loan);
                }
            }
        }

        private void enterCall(Actor actor) {
            actor.loans.stream().filter(one -> !inCall.contains(one)).findAny().ifPresent(loan -> {
                assertTrue(loan.enter());
                inCall.add(loan);
            });
        }

        private void leaveCall() {
            if (inCall.isEmpty()) {
                return;
            }
            Loan loan = inCall.remove(random.nextInt(inCall.size()));
            assertEquals(0, closings(loan.instance()), "closed under its call");
            boolean isOrphan = actors.stream().noneMatch(actor -> actor.loans.contains(loan));
            if (isOrphan) {
                inHands.remove(loan.instance());
                over.add(loan);
            }
            loan.leave();
        }

        private void dieSometimes() {
            if (random.nextInt(4) > 0) {
                return;
            }
            Actor dead = actors.remove(random.nextInt(actors.size()));
            actors.add(new Actor());
            dead.loans.forEach(loan -> {
                if (inCall.contains(loan)) {
                    reached.add(Event.DIED_IN_CALL);
                } else {
                    letGo(loan);
                }
            });
            boolean wasWatched = watched.remove(dead.borrower);
            assertEquals(!dead.loans.isEmpty() || !dead.asked.isEmpty(), wasWatched);
            if (wasWatched) {
                logic.ended(dead.borrower);
            }
        }

        private void updateSometimes() {
            if (random.nextInt(8) > 0) {
                return;
            }
            if (logic.load().beingMade() > 0) {
                reached.add(Event.UPDATED_WHILE_MAKING);
            }
            generation++;
            Actor actor = anyActor();
            Loan loan = new Loan(generation, module.newInstance());
            broughtCount++;
            inHands.add(loan.instance());
            actor.loans.add(loan);
            logic.update(program(), loan, actor.borrower);
        }

        /** A worker takes up the oldest order. */
        private void work() {
            Making making = ordered.poll();
            if (making != null) {
                making.run();
            }
        }

        /** While an initialiser runs, the rest of the world goes on; then it may fail. */
        private void meanwhile() {
            if (depth < 3) {
                depth++;
                for (int i = random.nextInt(6); i > 0; i--) {
                    step();
                    check();
                }
                depth--;
            }
            module.problem = random.nextInt(5) == 0 ? "it does not want to" : null;
        }

        private void deliver() {
            Runnable message = mailbox.poll();
            if (message != null) {
                message.run();
            }
        }

        private void advance() {
            nowNanos += random.nextInt(60);
            long evicted = logic.load().evicted();
            if (logic.wakeNanos() <= nowNanos) {
                logic.tick();
                assertTrue(logic.wakeNanos() > nowNanos, "a tick that asks for another at once never ends");
            }
            if (logic.load().evicted() > evicted) {
                reached.add(Event.EVICTED);
            }
        }

        private void deliverAnswers() {
            for (Actor actor : actors) {
                while (actor.inbox.hasMessages()) {
                    Answer answer = actor.inbox.receiveMessage();
                    assertFalse(actor.asked.isEmpty(), "answered twice: " + answer);
                    actor.asked.remove();
                    switch (answer) {
                        case Answer.Lent(Loan loan) -> lent(actor, loan);
                        case Answer.Refused _ -> reached.add(Event.REFUSED);
                    }
                }
            }
        }

        private void lent(Actor actor, Loan loan) {
            assertTrue(inHands.add(loan.instance()), "lent twice");
            assertEquals(generation, loan.generation());
            assertEquals(0, closings(loan.instance()), "lent when closed");
            actor.loans.add(loan);
            reached.add(Event.LENT);
        }

        private static int closings(Instance instance) {
            return ((TestInstance) instance).closings.get();
        }

        void check() {
            PoolLoad load = logic.load();
            int total = load.lent() + load.spare() + load.beingMade();
            int allowed = Math.max(settings.max(), totalBefore + broughtCount);
            assertTrue(total <= allowed, load + " of at most " + settings.max());
            totalBefore = total;
            broughtCount = 0;
            assertTrue(load.waiting() == 0 || load.spare() == 0, load + ": somebody waits although one is ready");
            assertTrue(load.waiting() <= settings.waitingMax());
            int owed = actors.stream().mapToInt(actor -> actor.asked.size()).sum();
            assertEquals(owed, load.waiting());
            assertEquals(
                    actors.stream()
                            .filter(actor -> !actor.loans.isEmpty() || !actor.asked.isEmpty())
                            .map(actor -> actor.borrower)
                            .collect(java.util.stream.Collectors.toSet()),
                    watched);
            inHands.forEach(instance -> assertEquals(0, closings(instance), "closed in somebody's hands"));
            assertEquals(inHands.size() + left, load.lent());
            if (total >= settings.max() && load.waiting() > 0) {
                reached.add(Event.FULL);
            }
        }

        void end() {
            logic.stop();
            deliverAnswers();
            while (!ordered.isEmpty() || !inCall.isEmpty()) {
                module.whileMaking = () -> {};
                work();
                if (!inCall.isEmpty()) {
                    inCall.removeFirst().leave();
                }
            }
            actors.forEach(actor -> assertTrue(actor.asked.isEmpty(), "an answer is owed"));
            module.made.forEach(instance -> assertEquals(1, instance.closings.get()));
        }

        @Override
        public Making make(Program program) {
            if (random.nextInt(12) == 0) {
                throw new RejectedExecutionException("no time");
            }
            Making making = new Making(
                    program.module(), program.host(), this::close, done -> mailbox.add(() -> logic.made(done)));
            ordered.add(making);
            return making;
        }

        @Override
        public void close(Instance instance) {
            instance.close();
        }

        @Override
        public void freed(Loan loan) {
            left++;
            mailbox.add(() -> {
                left--;
                logic.freed(loan);
            });
        }

        @Override
        public void failed(String problem) {
            reached.add(Event.FAILED);
        }

        @Override
        public void watch(Borrower borrower) {
            assertTrue(watched.add(borrower));
        }

        @Override
        public void unwatch(Borrower borrower) {
            assertTrue(watched.remove(borrower));
        }
    }
}

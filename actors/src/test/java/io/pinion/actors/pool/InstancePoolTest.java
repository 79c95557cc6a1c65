package io.pinion.actors.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.pool.InstancePool.Answer;
import io.pinion.actors.pool.InstancePool.Command;
import io.pinion.actors.pool.TestModule.TestInstance;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@org.junit.jupiter.api.TestInstance(Lifecycle.PER_CLASS)
class InstancePoolTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofMillis(50);

    private final ActorTestKit kit = ActorTestKit.create();
    private TestModule module = new TestModule();
    private PoolMeter meter = new PoolMeter();
    private TestProbe<Answer> probe = kit.createTestProbe();
    private final Workers workers = Workers.start(new WorkerSettings(2, 100, 1 << 20, Duration.ofSeconds(1), 4));

    @BeforeEach
    void forget() {
        module = new TestModule();
        meter = new PoolMeter();
        probe = kit.createTestProbe();
    }

    /** Whatever a test does, nothing is left when its pool has stopped. */
    @AfterEach
    void everyInstanceIsClosedOnceAndByAWorker() {
        kit.createTestProbe().awaitAssert(DEADLINE, () -> {
            module.made.forEach(instance -> {
                assertEquals(1, instance.closings.get());
                assertTrue(instance.closer.startsWith("pinion-worker-"), instance.closer);
            });
            return module;
        });
    }

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
        workers.close();
    }

    /** A pool with settings of its own. */
    private final class Pool implements AutoCloseable {
        private final ActorRef<Command> ref;

        Pool(int max, boolean warmSpare, Duration idleAfter, Duration borrowTimeout) {
            PoolSettings settings = new PoolSettings(
                    max,
                    warmSpare,
                    idleAfter,
                    4,
                    borrowTimeout,
                    Duration.ofMillis(20),
                    Duration.ofMillis(200),
                    new WorkerSettings(2, 100, 1 << 20, Duration.ofSeconds(1), 4));
            ref = kit.spawn(InstancePool.create(settings, workers, module.program(1), meter));
        }

        void tell(Command command) {
            ref.tell(command);
        }

        Loan borrow() {
            return borrow(probe);
        }

        Loan borrow(TestProbe<Answer> borrower) {
            ref.tell(new Command.Borrow(borrower.getRef()));
            return assertInstanceOf(Answer.Lent.class, borrower.receiveMessage(DEADLINE))
                    .loan();
        }

        String refusal() {
            return assertInstanceOf(Answer.Refused.class, probe.receiveMessage(DEADLINE))
                    .reason();
        }

        void awaitLoad(Predicate<PoolLoad> condition) {
            kit.createTestProbe().awaitAssert(DEADLINE, () -> {
                PoolLoad load = meter.load();
                assertTrue(condition.test(load), load.toString());
                return load;
            });
        }

        @Override
        public void close() {
            kit.stop(ref, DEADLINE);
        }
    }

    private static TestInstance instance(Loan loan) {
        return (TestInstance) loan.instance();
    }

    private void awaitClosed(TestInstance instance) {
        kit.createTestProbe().awaitAssert(DEADLINE, () -> {
            assertEquals(1, instance.closings.get());
            return instance;
        });
    }

    @Test
    void anInstanceThatComesBackIsLentAgain() {
        try (Pool pool = new Pool(1, true, NEVER, DEADLINE)) {
            Loan first = pool.borrow();
            pool.tell(new Command.Return(first));

            assertSame(first.instance(), pool.borrow().instance());
        }
    }

    @Test
    void aDiscardedOrUnusableInstanceIsClosedAndReplaced() {
        try (Pool pool = new Pool(2, false, NEVER, DEADLINE)) {
            Loan first = pool.borrow();
            pool.tell(new Command.Discard(first));
            Loan second = pool.borrow();
            instance(second).isUsable = false;
            pool.tell(new Command.Return(second));
            Loan third = pool.borrow();

            assertNotSame(first.instance(), second.instance());
            assertNotSame(second.instance(), third.instance());
            awaitClosed(instance(first));
            awaitClosed(instance(second));
            assertEquals(2, meter.load().discarded());
        }
    }

    @Test
    void whatIsGivenBackTwiceIsLentOnce() {
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            Loan first = pool.borrow();
            pool.tell(new Command.Return(first));
            TestProbe<Answer> other = kit.createTestProbe();
            Loan second = pool.borrow(other);

            pool.tell(new Command.Return(first));
            pool.tell(new Command.Discard(first));
            pool.tell(new Command.Borrow(probe.getRef()));
            pool.awaitLoad(load -> load.waiting() == 1);

            assertSame(first.instance(), second.instance());
            assertEquals(0, instance(second).closings.get());
        }
    }

    @Test
    void oneMoreThanIsInUseIsKeptReady() {
        try (Pool pool = new Pool(3, true, NEVER, DEADLINE)) {
            pool.borrow();

            pool.awaitLoad(load -> load.lent() == 1 && load.spare() == 1);

            assertTrue(module.made.stream().allMatch(made -> made.maker.startsWith("pinion-worker-")));
        }
    }

    @Test
    void noneIsKeptReadyWhereMemoryIsScarceUntilThereIsRoomAgain() {
        try (Pool pool = new Pool(3, true, NEVER, DEADLINE)) {
            module.hasRoomForSpare = false;
            pool.borrow();
            Loan second = pool.borrow();
            assertEquals(2, module.attempts.get());

            module.hasRoomForSpare = true;
            pool.tell(new Command.Discard(second));

            pool.awaitLoad(load -> load.lent() == 1 && load.spare() == 1);
        }
    }

    @Test
    void whatNobodyUsesGoesAfterATimeTheSpareToo() {
        try (Pool pool = new Pool(3, true, SOON, DEADLINE)) {
            Loan loan = pool.borrow();
            pool.awaitLoad(load -> load.spare() == 1);

            pool.tell(new Command.Return(loan));

            pool.awaitLoad(load -> load.evicted() == 2 && load.spare() == 0 && load.lent() == 0);
            assertEquals(2, module.attempts.get());
            pool.borrow();
        }
    }

    @Test
    void theSpareStaysWhileAnotherIsInUse() {
        try (Pool pool = new Pool(4, true, SOON, DEADLINE)) {
            pool.borrow();
            Loan second = pool.borrow();
            pool.awaitLoad(load -> load.spare() == 1);

            pool.tell(new Command.Return(second));

            pool.awaitLoad(load -> load.evicted() == 1);
            assertEquals(1, meter.load().spare());
        }
    }

    @Test
    void whoWaitsTooLongIsToldWhy() {
        try (Pool pool = new Pool(1, false, NEVER, SOON)) {
            pool.borrow();

            pool.tell(new Command.Borrow(probe.getRef()));

            assertEquals(
                    "no instance became free within 50 ms: 1 of at most 1 in use, 0 being made, 0 others waiting",
                    pool.refusal());
        }
    }

    @Test
    void eachOfTwoBorrowsOfOneBorrowerHasItsOwnTime() {
        try (Pool pool = new Pool(1, false, NEVER, SOON)) {
            pool.borrow();

            pool.tell(new Command.Borrow(probe.getRef()));
            pool.tell(new Command.Borrow(probe.getRef()));

            pool.refusal();
            pool.refusal();
            pool.awaitLoad(load -> load.waiting() == 0);
        }
    }

    @Test
    void moreThanMayWaitAreRefusedAtOnce() {
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            TestProbe<Answer> waiting = kit.createTestProbe();
            pool.borrow();
            for (int i = 0; i < 4; i++) {
                pool.tell(new Command.Borrow(waiting.getRef()));
            }

            pool.tell(new Command.Borrow(probe.getRef()));

            assertEquals("4 others wait for an instance already, which is pinion.pool.waiting-max", pool.refusal());
        }
    }

    @Test
    void aModuleThatMakesNoInstanceIsRefusedWithItsReason() {
        module.problem = "the initialiser fails";
        try (Pool pool = new Pool(1, true, NEVER, DEADLINE)) {
            pool.tell(new Command.Borrow(probe.getRef()));

            assertEquals("no instance can be made: the initialiser fails", pool.refusal());
        }
    }

    @Test
    void aModuleThatMakesNoInstanceIsNotTriedAgainAtOnce() {
        module.problem = "the initialiser fails";
        try (Pool pool = new Pool(4, true, NEVER, DEADLINE)) {
            long start = System.nanoTime();
            for (int i = 0; i < 5; i++) {
                pool.tell(new Command.Borrow(probe.getRef()));
                pool.refusal();
            }

            // 20, 40, 80 and 160 ms lie between five attempts; a wrong clock is no slower.
            assertTrue(System.nanoTime() - start > Duration.ofMillis(290).toNanos());
            assertTrue(module.attempts.get() <= 6, module.attempts + " attempts");
            module.problem = null;
            pool.borrow();
        }
    }

    @Test
    void afterAnUpdateOnlyTheNewProgramIsLent() {
        try (Pool pool = new Pool(3, false, NEVER, DEADLINE)) {
            Loan old = pool.borrow();

            pool.tell(new Command.Update(module.program(2), new Loan(2, module.newInstance()), probe.getRef()));
            pool.tell(new Command.Return(old));

            assertEquals(2, pool.borrow().generation());
            awaitClosed(instance(old));
        }
    }

    @Test
    void whatIsBeingMadeOfAnOlderProgramIsClosedWhenItIsDone() {
        CountDownLatch latch = new CountDownLatch(1);
        module.whileMaking = TestModule.behind(latch).whileMaking;
        TestModule next = new TestModule();
        try (Pool pool = new Pool(3, false, NEVER, DEADLINE)) {
            pool.tell(new Command.Borrow(probe.getRef()));
            kit.createTestProbe().awaitAssert(DEADLINE, () -> {
                assertEquals(1, module.attempts.get());
                return module;
            });

            pool.tell(new Command.Update(next.program(2), new Loan(2, next.newInstance()), probe.getRef()));

            assertEquals(
                    2,
                    assertInstanceOf(Answer.Lent.class, probe.receiveMessage(DEADLINE))
                            .loan()
                            .generation());
            pool.awaitLoad(load -> load.beingMade() == 1 && load.lent() == 2);
            latch.countDown();
            pool.awaitLoad(load -> load.beingMade() == 0);
        }
    }

    @Test
    void aBorrowerThatEndsGivesBackWhatItHasAndWants() {
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            TestProbe<Answer> mortal = kit.createTestProbe();
            Loan loan = pool.borrow(mortal);
            pool.tell(new Command.Borrow(mortal.getRef()));
            pool.tell(new Command.Borrow(probe.getRef()));
            pool.awaitLoad(load -> load.waiting() == 2);

            mortal.stop();

            assertInstanceOf(Answer.Lent.class, probe.receiveMessage(DEADLINE));
            awaitClosed(instance(loan));
            assertEquals(1, meter.load().discarded());
            assertFalse(loan.enter());
        }
    }

    @Test
    void anInstanceIsNotClosedUnderTheCallOfABorrowerThatHasEnded() {
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            TestProbe<Answer> mortal = kit.createTestProbe();
            Loan loan = pool.borrow(mortal);
            assertTrue(loan.enter());

            mortal.stop();
            pool.tell(new Command.Borrow(probe.getRef()));
            pool.awaitLoad(load -> load.waiting() == 1);

            assertEquals(0, instance(loan).closings.get());
            loan.leave();
            assertInstanceOf(Answer.Lent.class, probe.receiveMessage(DEADLINE));
            awaitClosed(instance(loan));
        }
    }

    @Test
    void anInstanceIsNotClosedUnderACallWhenItsPoolStops() {
        Loan loan;
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            loan = pool.borrow();
            assertTrue(loan.enter());
        }

        assertEquals(0, instance(loan).closings.get());
        loan.leave();
        awaitClosed(instance(loan));
    }

    @Test
    void whoWaitsWhenThePoolStopsIsTold() {
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            pool.borrow();
            pool.tell(new Command.Borrow(probe.getRef()));
            pool.awaitLoad(load -> load.waiting() == 1);
            kit.stop(pool.ref, DEADLINE);

            assertEquals("the database has stopped", pool.refusal());
        }
    }

    @Test
    void anInstanceThatIsBeingMadeWhenThePoolStopsIsClosed() {
        CountDownLatch latch = new CountDownLatch(1);
        module.whileMaking = TestModule.behind(latch).whileMaking;
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            pool.tell(new Command.Borrow(probe.getRef()));
            kit.createTestProbe().awaitAssert(DEADLINE, () -> {
                assertEquals(1, module.attempts.get());
                return module;
            });
        }

        latch.countDown();
        kit.createTestProbe().awaitAssert(DEADLINE, () -> {
            assertEquals(1, module.made.size());
            return module;
        });
    }

    /** Both workers are caught in initialisers that do not end. */
    @Test
    void twoDatabasesWhoseModulesHangDoNotKeepAThirdFromItsInstance() {
        CountDownLatch latch = new CountDownLatch(1);
        TestModule hanging = TestModule.behind(latch);
        TestModule hangingToo = TestModule.behind(latch);
        TestModule sound = module;
        module = hanging;
        try (Pool first = new Pool(2, true, NEVER, DEADLINE)) {
            module = hangingToo;
            try (Pool second = new Pool(2, true, NEVER, DEADLINE)) {
                module = sound;
                first.tell(new Command.Borrow(probe.getRef()));
                second.tell(new Command.Borrow(probe.getRef()));
                kit.createTestProbe().awaitAssert(DEADLINE, () -> {
                    assertEquals(2, hanging.attempts.get() + hangingToo.attempts.get());
                    return sound;
                });

                try (Pool third = new Pool(2, true, NEVER, DEADLINE)) {
                    third.borrow(kit.createTestProbe());
                }
            }
        }
        latch.countDown();
    }

    @Test
    void anErrorOfAnInitialiserIsOneFailure() {
        module.whileMaking = () -> {
            throw new StackOverflowError("too deep");
        };
        try (Pool pool = new Pool(1, false, NEVER, DEADLINE)) {
            pool.tell(new Command.Borrow(probe.getRef()));

            assertEquals("no instance can be made: java.lang.StackOverflowError: too deep", pool.refusal());
        }
    }
}

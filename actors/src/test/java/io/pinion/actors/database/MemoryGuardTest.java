package io.pinion.actors.database;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.actors.database.MemoryGuard.Relief;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** On a heap of 1,000 bytes: the guard is at 850, the early mark at 950, and 100 are a notable share. */
class MemoryGuardTest {
    private static final long LIMIT = SECONDS.toNanos(10);
    private static final Relief NOTHING = Relief.None.INSTANCE;

    private final TestHeap heap = new TestHeap(1000);
    private final MemoryGuard guard = new MemoryGuard(heap, 85);
    private final TestVitals first = new TestVitals();
    private final TestVitals second = new TestVitals();
    private final Running modest = new Running(first);
    private final Running hungry = new Running(second);
    private long nowNanos = SECONDS.toNanos(100);

    /** A thread in a call. */
    private static final class Running {
        private final TestVitals database;
        private final AtomicLong allocated = new AtomicLong(5000);
        private final CallSlot slot = new CallSlot(Thread.currentThread(), () -> 0);
        private final WatchedThread thread = new WatchedThread(slot, new TestAllocation(allocated));

        Running(TestVitals database) {
            this.database = database;
        }

        void begin() {
            slot.begin(database.vitals, "function", null, 0, LIMIT);
            thread.look();
        }

        void allocate(long bytes) {
            allocated.addAndGet(bytes);
        }

        void end() {
            slot.end();
            thread.look();
        }
    }

    private Relief look() {
        nowNanos += MILLISECONDS.toNanos(1);
        return guard.look(
                nowNanos, new WatchedThread[] {modest.thread, hungry.thread}, List.of(first.vitals, second.vitals));
    }

    @Test
    void whileCollectionsLeaveLittleNobodyHasToGo() {
        modest.begin();
        hungry.begin();
        hungry.allocate(10_000);
        heap.used(949);
        heap.collected(850);

        assertEquals(NOTHING, look());
    }

    @Test
    void theCallThatHasAllocatedMostIsStopped() {
        modest.begin();
        hungry.begin();
        modest.allocate(101);
        hungry.allocate(102);
        heap.collected(851);

        assertEquals(new Relief.StopCall(hungry.thread), look());
    }

    @Test
    void whatWasAllocatedBeforeTheCallIsNotHeldAgainstIt() {
        hungry.begin();
        hungry.allocate(400);
        hungry.end();
        hungry.begin();
        hungry.allocate(100);
        heap.collected(999);

        assertEquals(NOTHING, look());
    }

    @Test
    void afterOneNobodyElseGoesBeforeItHasEndedAndACollectionHasCome() {
        modest.begin();
        hungry.begin();
        modest.allocate(200);
        hungry.allocate(300);
        heap.collected(900);
        assertEquals(new Relief.StopCall(hungry.thread), look());

        assertEquals(NOTHING, look());
        heap.collected(900);
        assertEquals(NOTHING, look());
        hungry.end();
        assertEquals(NOTHING, look());
        heap.collected(900);
        assertEquals(new Relief.StopCall(modest.thread), look());
    }

    @Test
    void whereNoCallStandsOutTheInstanceGoesThatHasAllocatedMost() {
        modest.begin();
        modest.allocate(100);
        first.vitals.instanceAllocatedBytes(101);
        second.vitals.instanceAllocatedBytes(102);

        heap.collected(851);

        assertEquals(new Relief.DiscardInstance(second.vitals), look());
    }

    @Test
    void asLongAsInstancesGoAndMemoryDoesNotComeTheRestGrows() {
        first.vitals.instanceAllocatedBytes(1000);
        heap.collected(900);
        assertEquals(new Relief.DiscardInstance(first.vitals), look());

        heap.collected(900);
        assertEquals(NOTHING, look());
        nowNanos += SECONDS.toNanos(2);
        heap.collected(900);
        assertEquals(new Relief.DiscardInstance(first.vitals), look());
        nowNanos += SECONDS.toNanos(3);
        heap.collected(900);
        assertEquals(NOTHING, look());
        nowNanos += SECONDS.toNanos(1);
        heap.collected(900);
        assertEquals(new Relief.DiscardInstance(first.vitals), look());
        heap.collected(100);
        assertEquals(NOTHING, look());
        nowNanos += SECONDS.toNanos(2);
        heap.collected(900);
        assertEquals(new Relief.DiscardInstance(first.vitals), look());
    }

    @Test
    void aCollectionThatWasForcedHasALowerMark() {
        first.vitals.instanceAllocatedBytes(101);

        heap.forced(500);
        assertEquals(NOTHING, look());
        heap.forced(501);
        assertEquals(new Relief.DiscardInstance(first.vitals), look());
    }

    @Test
    void aCallUnderWhichTheHeapFillsFastIsStoppedLongBeforeTheGuard() {
        hungry.begin();
        hungry.allocate(101);
        heap.collected(400);
        assertEquals(NOTHING, look());

        nowNanos += MILLISECONDS.toNanos(199);
        heap.collected(620);

        assertEquals(new Relief.StopCall(hungry.thread), look(), "half a second later it would be 1170");
    }

    @Test
    void aHeapThatFillsSlowlyMayFillUpToTheGuard() {
        hungry.begin();
        hungry.allocate(101);
        heap.collected(400);
        assertEquals(NOTHING, look());

        nowNanos += SECONDS.toNanos(4);
        heap.collected(800);

        assertEquals(NOTHING, look());
    }

    @Test
    void collectionsInARowDoNotMakeALittleGrowthAFastOne() {
        hungry.begin();
        hungry.allocate(101);
        heap.collected(600);
        assertEquals(NOTHING, look());

        for (int used = 610; used < 660; used += 10) {
            heap.collected(used);
            assertEquals(NOTHING, look());
        }
    }

    @Test
    void whenThereIsNothingLeftASmallCallIsNotable() {
        hungry.begin();
        hungry.allocate(11);

        heap.exhausted();

        assertEquals(new Relief.StopCall(hungry.thread), look());
        heap.exhausted();
        assertEquals(NOTHING, look(), "that stop is under way");
    }

    @Test
    void whenThereIsNothingLeftTheNextInstanceGoesWithoutARest() {
        first.vitals.instanceAllocatedBytes(200);
        second.vitals.instanceAllocatedBytes(11);
        heap.collected(900);
        assertEquals(new Relief.DiscardInstance(first.vitals), look());
        first.vitals.instanceAllocatedBytes(0);

        heap.exhausted();

        assertEquals(new Relief.DiscardInstance(second.vitals), look());
        assertEquals(NOTHING, look());
    }

    @Test
    void whereNoInstanceStandsOutNobodyIsPunished() {
        first.vitals.instanceAllocatedBytes(100);
        heap.collected(990);

        assertEquals(NOTHING, look());
    }

    @Test
    void anAllocatorFasterThanTheCollectorsNoticesIsSeenAsWell() {
        heap.collected(500);
        look();
        hungry.begin();
        hungry.allocate(400);
        heap.used(951);
        nowNanos += MILLISECONDS.toNanos(100);

        assertEquals(new Relief.StopCall(hungry.thread), look());
        nowNanos += MILLISECONDS.toNanos(100);
        hungry.end();
        modest.begin();
        modest.allocate(200);
        assertEquals(NOTHING, look());
    }
}

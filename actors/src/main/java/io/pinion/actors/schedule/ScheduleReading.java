package io.pinion.actors.schedule;

import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.RowSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows that were there when a schedule began, on their way into it.
 *
 * <p>{@link Schedule#begin} → {@link #read} on any thread → {@link #enter} on the schedule's thread until it says that
 * nothing is left. Handing over from one thread to the other is the caller's business. {@link #abandon} at any time from any
 * thread: a read that runs then ends within 1,024 rows with {@link OperationStoppedException}.
 */
public final class ScheduleReading {
    /** Entered at a time, in well under a millisecond. */
    static final int SLICE_ROWS = 512;

    private final Schedule schedule;
    private final FrozenView view;
    private final List<ScheduleRows> rows = new ArrayList<>();
    private volatile boolean isAbandoned;
    private int table;
    private int row;

    ScheduleReading(Schedule schedule, FrozenView view) {
        this.schedule = schedule;
        this.view = view;
    }

    /**
     * To be called once.
     *
     * @throws OperationStoppedException if it is abandoned
     */
    public void read() {
        try (view) {
            RowSource source = view.reader(() -> isAbandoned);
            for (ScheduleTable scheduled : schedule.tables()) {
                ScheduleRows found = new ScheduleRows(scheduled);
                source.scanTable(
                        scheduled.tableId(), (bytes, offset, length) -> found.add(bytes, offset, offset + length));
                rows.add(found);
            }
        }
    }

    /**
     * Enters the next {@value #SLICE_ROWS} rows.
     *
     * @return whether there are more
     */
    public boolean enter() {
        for (int left = SLICE_ROWS; left > 0 && table < rows.size(); left--) {
            ScheduleRows read = rows.get(table);
            if (row < read.count()) {
                schedule.enter(read, row);
                row++;
            } else {
                table++;
                row = 0;
            }
        }
        boolean isMore = table < rows.size();
        if (!isMore) {
            rows.clear();
            schedule.entered();
        }
        return isMore;
    }

    /** Gives it up; does nothing the second time. */
    public void abandon() {
        isAbandoned = true;
        view.close();
    }
}

package io.pinion.store.table;

import io.pinion.store.table.IndexSpec.Kind;
import io.pinion.store.value.AlgebraicType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rows and indexes of a table look like, compiled. Immutable and threadsafe: all tables of one definition, of
 * however many databases, share it.
 */
public final class TableShape {
    private final RowLayout layout;
    private final List<IndexSpec> specs;
    private final KeyShape[] keys;
    private final int identityPosition;
    private final @Nullable KeyShape wholeRow;

    /** @param rowType with every reference inlined */
    public TableShape(AlgebraicType.Product rowType, List<IndexSpec> specs) {
        this(new RowLayout(rowType), specs);
    }

    private TableShape(RowLayout layout, List<IndexSpec> specs) {
        this.layout = layout;
        this.specs = List.copyOf(specs);
        this.keys = specs.stream().map(spec -> spec.keyShape(layout)).toArray(KeyShape[]::new);
        this.identityPosition = chooseIdentity();
        this.wholeRow = identityPosition < 0 ? KeyShape.wholeRow(layout) : null;
    }

    private int chooseIdentity() {
        int chosen = -1;
        for (int i = specs.size() - 1; i >= 0; i--) {
            boolean isSlow = specs.get(i).kind() == Kind.ORDERED;
            if (specs.get(i).isUnique() && (chosen < 0 || !isSlow)) {
                chosen = i;
            }
        }
        return chosen;
    }

    /** Of the same rows under other indexes. */
    public TableShape with(List<IndexSpec> others) {
        return new TableShape(layout, others);
    }

    public RowLayout layout() {
        return layout;
    }

    public List<IndexSpec> specs() {
        return specs;
    }

    /**
     * The position of the unique index that is fastest to ask, or −1 if there is none: it does the work of an index over
     * whole rows.
     */
    int identityPosition() {
        return identityPosition;
    }

    /** Of an index over whole rows, which is needed where no index is unique. */
    @Nullable
    KeyShape wholeRow() {
        return wholeRow;
    }

    Index createIndex(int position, RowPages rows, Epochs epochs) {
        return specs.get(position).create(keys[position], rows, epochs);
    }
}

package io.pinion.store.tx;

import io.pinion.store.tx.Schema.IndexPlace;
import io.pinion.store.tx.TableInfo.IndexInfo;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnWriter;
import java.util.Arrays;
import java.util.List;

/** What a datastore's open transaction sees, and an observer that is told what is read through this; see {@link ObservedTransaction}. */
final class ObservedReads implements RowSource {
    private static final int INCLUDED = 0;

    private final Datastore store;
    private final RowSource observed;
    private final ReadObserver observer;
    private final BsatnWriter point = new BsatnWriter(32);

    /** @param observed what the open transaction of that datastore sees */
    ObservedReads(Datastore store, RowSource observed, ReadObserver observer) {
        this.store = store;
        this.observed = observed;
        this.observer = observer;
    }

    @Override
    public int tableId(String name) {
        return observed.tableId(name);
    }

    @Override
    public int indexId(String name) {
        return observed.indexId(name);
    }

    @Override
    public long rowCount(int tableId) {
        tell(tableId);
        return observed.rowCount(tableId);
    }

    @Override
    public int scanTable(int tableId, RowSink sink) {
        tell(tableId);
        return observed.scanTable(tableId, sink);
    }

    private void tell(int tableId) {
        if (store.catalog().schema().table(tableId) != null) {
            observer.table(tableId);
        }
    }

    @Override
    public int scanPoint(int indexId, byte[] bytes, int pointOffset, int pointLength, RowSink sink) {
        IndexPlace place = store.catalog().schema().index(indexId);
        if (place != null) {
            observer.point(place.table().id(), indexId, bytes, pointOffset, pointLength);
        }
        return observed.scanPoint(indexId, bytes, pointOffset, pointLength, sink);
    }

    @Override
    public int scanRange(int indexId, IndexRange range, RowSink sink) {
        IndexPlace place = store.catalog().schema().index(indexId);
        if (place != null) {
            tell(place, indexId, range);
        }
        return observed.scanRange(indexId, range, sink);
    }

    private void tell(IndexPlace place, int indexId, IndexRange range) {
        int tableId = place.table().id();
        if (isPoint(place, range)) {
            point.reset();
            point.writeRaw(range.bytes(), range.prefixOffset(), range.prefixLength());
            point.writeRaw(range.bytes(), range.startOffset() + 1, range.startLength() - 1);
            observer.point(tableId, indexId, point.buffer(), 0, point.length());
        } else {
            observer.table(tableId);
        }
    }

    private static boolean isPoint(IndexPlace place, IndexRange range) {
        IndexInfo index = place.table().info().indexes().get(place.position());
        return range.prefixElements() == keyElements(place, index) - 1
                && range.startLength() > 0
                && range.bytes()[range.startOffset()] == INCLUDED
                && Arrays.equals(
                        range.bytes(),
                        range.startOffset(),
                        range.startOffset() + range.startLength(),
                        range.bytes(),
                        range.endOffset(),
                        range.endOffset() + range.endLength());
    }

    /** A product that is indexed alone is a key of as many elements as it has. */
    private static int keyElements(IndexPlace place, IndexInfo index) {
        List<Integer> columns = index.columns();
        AlgebraicType first = place.table()
                .info()
                .rowType()
                .elements()
                .get(columns.getFirst())
                .type();
        return columns.size() == 1 && first instanceof AlgebraicType.Product(List<AlgebraicType.Element> elements)
                ? elements.size()
                : columns.size();
    }

    @Override
    public RowSource nested() {
        return new ObservedReads(store, observed.nested(), observer);
    }

    @Override
    public void checkStop() {
        observed.checkStop();
    }
}

package io.pinion.node;

import java.io.IOException;
import java.util.List;

/**
 * Three nodes between which links can be cut, some ledgers, and clients of these. A node that ends by itself is to be started
 * again. Nodes are numbered from 0. Used by one thread.
 */
interface CuttableCluster extends AutoCloseable {
    int NODES = 3;
    int LEDGERS = 3;

    /** Nothing that one node sends gets to the other; nor the other way round where the network knows no one-way cuts. */
    void cut(int from, int to) throws Exception;

    /** All links are whole. */
    void heal() throws Exception;

    boolean hasEnded(int node);

    /** Returns when it serves; it has ended before. */
    void startAgain(int node) throws Exception;

    /** A node that has a ledger; -1 if none says so. */
    int owner(int ledger) throws Exception;

    /** Through a node that has not ended. */
    List<LedgerDoor> doors(int node);

    @Override
    void close() throws IOException;
}

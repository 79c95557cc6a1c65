package io.pinion.node.ws;

import io.pinion.store.value.Bytes;

/** Server messages in the bytes of one protocol, without frame, compression and their tag. Threadsafe. */
interface Encoder {
    Bytes encode(ServerMessage message);
}

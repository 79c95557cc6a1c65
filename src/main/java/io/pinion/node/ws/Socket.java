package io.pinion.node.ws;

import io.pinion.store.value.Bytes;

/** The way out to a client. Threadsafe; whatever comes after the end is dropped. */
interface Socket {
    /** Sends a message after all earlier ones. A client that reads too slowly for it loses the connection. */
    void send(Bytes message);

    /** Sends a close frame after all earlier messages, and ends the connection. */
    void close(int code, String reason);

    /** Ends the connection without a close frame. */
    void abort(String why);

    /** So many bytes of what was received are dealt with. */
    void taken(int bytes);

    /** What comes in from a client. Called by one thread at a time; must not block. */
    interface Receiver {
        /** A whole message, which belongs to the receiver from now on. */
        void message(byte[] payload, boolean isText);

        /** The connection has ended; nothing more comes. */
        void gone();
    }
}

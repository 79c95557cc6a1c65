package io.pinion.actors.procedure;

import java.time.Duration;

/**
 * The HTTP requests that procedures may make. Immutable.
 *
 * @param isEnabled whether they may make any
 * @param hosts that may be asked, by name
 * @param addresses that may be connected to, once the name is looked up
 * @param atOnceMax of one node
 * @param redirectsMax that are followed
 * @param requestBytesMax of a body
 * @param responseBytesMax of a body
 * @param timeout of a request that asks for none, redirects included
 * @param timeoutMax of any other
 */
public record EgressSettings(
        boolean isEnabled,
        HostRule hosts,
        AddressRule addresses,
        int atOnceMax,
        int redirectsMax,
        int requestBytesMax,
        int responseBytesMax,
        Duration timeout,
        Duration timeoutMax) {}

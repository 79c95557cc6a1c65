package io.pinion.actors.schedule;

/**
 * One scheduled call.
 *
 * @param functionName canonical name of a reducer or procedure
 * @param tableId the table of the row
 * @param key the row's primary key
 * @param dueMicros since the Unix epoch
 */
public record Due(String functionName, int tableId, long key, long dueMicros) {}

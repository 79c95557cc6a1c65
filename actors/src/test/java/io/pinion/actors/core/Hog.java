package io.pinion.actors.core;

import java.util.concurrent.CountDownLatch;

/** A turn that computes until it is told to end. */
final class Hog implements Runnable {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch ended = new CountDownLatch(1);
    volatile String thread = "";
    private volatile boolean mayEnd;

    @Override
    public void run() {
        thread = Thread.currentThread().getName();
        begun.countDown();
        while (!mayEnd) {
            Thread.onSpinWait();
        }
        ended.countDown();
    }

    void end() {
        mayEnd = true;
    }
}

package io.sietch.vsic;

class ChannelMediaTest extends FileMediaContract {
    ChannelMediaTest() {
        super(WritePath.CHANNEL);
    }
}

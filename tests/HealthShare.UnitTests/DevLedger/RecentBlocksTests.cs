using Google.Protobuf;
using HealthShare.DevLedger.Storage;
using HealthShare.Fabric.Protocol.Common;

namespace HealthShare.UnitTests.DevLedger;

public class RecentBlocksTests
{
    [Fact]
    public void The_newest_eight_are_kept()
    {
        var recent = new RecentBlocks();
        Assert.Null(recent.Newest);

        for (ulong number = 0; number < 20; number++)
            recent.Add(Block(number, 10));

        Assert.Equal(19ul, recent.Newest?.Block.Header.Number);
        Assert.Equal(12ul, recent.Find(12)?.Block.Header.Number);
        Assert.Null(recent.Find(11));
        Assert.Null(recent.Find(20));
    }

    [Fact]
    public void Of_large_ones_fewer_are_kept_and_the_newest_always()
    {
        var recent = new RecentBlocks();

        recent.Add(Block(1, 10));
        recent.Add(Block(2, 9 << 20));
        recent.Add(Block(3, 9 << 20));
        Assert.NotNull(recent.Find(3));
        Assert.Null(recent.Find(2));

        recent.Add(Block(4, 17 << 20));
        Assert.NotNull(recent.Newest);
        Assert.Null(recent.Find(3));
    }

    private static RecentBlock Block(ulong number, int size) => new(
        new Block
        {
            Header = new BlockHeader { Number = number },
            Data = new BlockData { Data = { UnsafeByteOperations.UnsafeWrap(new byte[size]) } },
        }, []);
}

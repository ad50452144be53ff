using Google.Protobuf;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Ledger.RwSet;

namespace HealthShare.UnitTests.DevLedger;

public sealed class TransientValuesTests
{
    [Fact]
    public void Endorsing_without_ever_submitting_fills_no_memory_though_no_block_comes()
    {
        var values = new TransientValues();
        for (var i = 0; i < TransientValues.MostKept + 100; i++)
            values.Add($"{i}", new TxPvtReadWriteSet(), height: 1);
        Assert.Equal(TransientValues.MostKept, values.Count);
        Assert.Null(values.Find("0", new ReadWriteSet([])));
        Assert.NotNull(values.Find($"{TransientValues.MostKept}", new ReadWriteSet([])));
    }

    [Fact]
    public void The_oldest_make_room_for_what_would_be_too_many_bytes()
    {
        const int size = 64 * 1024 * 1024, many = 100;
        var large = UnsafeByteOperations.UnsafeWrap(new byte[size]); // one for all, which counts for each
        var values = new TransientValues();
        for (var i = 0; i < many; i++)
            values.Add($"{i}", Of(large), height: 1);
        var kept = (int)(TransientValues.MostBytes / size) - 1; // the names around the value take some bytes, too
        Assert.Equal(kept, values.Count);

        values.Remove([$"{many - kept - 1}"], height: 1);
        Assert.Equal(kept, values.Count); // that one was gone
        values.Remove([$"{many - kept}"], height: 1);
        Assert.Equal(kept - 1, values.Count);
        values.Add("next", Of(large), height: 1); // in the room of what was forgotten
        Assert.Equal(kept, values.Count);

        static TxPvtReadWriteSet Of(ByteString set) => new()
        {
            NsPvtRwset = { new NsPvtReadWriteSet { Namespace = "asset", CollectionPvtRwset = { new CollectionPvtReadWriteSet { CollectionName = "c", Rwset = set } } } },
        };
    }

    [Fact]
    public void Values_are_forgotten_with_their_transaction_and_after_so_many_blocks()
    {
        var values = new TransientValues();
        values.Add("committed", new TxPvtReadWriteSet(), height: 1);
        values.Add("waiting", new TxPvtReadWriteSet(), height: 1);
        values.Remove(["committed"], height: 2);
        Assert.Equal(1, values.Count);
        values.Remove([], height: 2 + TransientValues.BlocksKept);
        Assert.Equal(0, values.Count);
    }
}

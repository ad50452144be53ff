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

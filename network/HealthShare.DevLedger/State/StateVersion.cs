using System.Globalization;
using KvVersion = HealthShare.Fabric.Protocol.Ledger.KvRwSet.Version;

namespace HealthShare.DevLedger.State;

/// <summary>Where a value was written: block number and position of the transaction in it.</summary>
internal readonly record struct StateVersion(ulong Block, ulong Transaction)
{
    /// <summary>Reads a version of a read set; absent there means that the key did not exist.</summary>
    public static StateVersion? From(KvVersion? version) =>
        version is null ? null : new StateVersion(version.BlockNum, version.TxNum);

    public KvVersion ToMessage() => new() { BlockNum = Block, TxNum = Transaction };

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{{BlockNum: {Block}, TxNum: {Transaction}}}");
}

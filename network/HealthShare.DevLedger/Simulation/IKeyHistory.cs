using HealthShare.Fabric.Protocol.Ledger.QueryResult;

namespace HealthShare.DevLedger.Simulation;

/// <summary>Past values of keys, read from the blocks.</summary>
internal interface IKeyHistory
{
    /// <summary>Writes of valid transactions to one key, newest first, in the blocks below a height.</summary>
    IEnumerable<KeyModification> Of(string chaincode, string key, ulong height);
}

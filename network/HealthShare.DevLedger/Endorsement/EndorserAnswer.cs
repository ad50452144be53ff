using HealthShare.DevLedger.State;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger.RwSet;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>What one organization's peer made of a proposal.</summary>
/// <param name="Code">OK where it was executed; otherwise what a gateway makes of the failure.</param>
/// <param name="Message">Why it failed, or empty.</param>
/// <param name="Response">The chaincode's answer, where there is one.</param>
internal sealed record EndorserAnswer(StatusCode Code, string Message, Response? Response = null)
{
    /// <summary>What the endorser signed; null where it did not.</summary>
    public ProposalResponse? Signed { get; init; }

    /// <summary>What was read and written; empty where nothing was executed.</summary>
    public TxReadWriteSet Results { get; init; } = new();

    /// <summary>The state that it was executed against.</summary>
    public WorldState State { get; init; } = WorldState.Empty;

    /// <summary>Collections whose private values were read, with their chaincodes.</summary>
    public IReadOnlySet<(string Chaincode, string Collection)> PrivateReads { get; init; } = new HashSet<(string, string)>();

    /// <summary>Whether another peer may do better.</summary>
    public bool MayRetryElsewhere => Code is StatusCode.Aborted or StatusCode.Unavailable;
}

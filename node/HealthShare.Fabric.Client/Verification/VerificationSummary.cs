using System.Collections.Immutable;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>What was verified so far.</summary>
/// <param name="Channel">Name of the channel; empty before the first block.</param>
/// <param name="GenesisHash">
/// Hash of the genesis block in hex. All trust hangs on it: the genesis block names the members' authorities, and nothing in
/// the blocks can vouch for it. Compare it with what the members agreed on.
/// </param>
/// <param name="Members">MSP ids of the members by the configuration in force.</param>
/// <param name="Blocks">Blocks found right; also the number of the next one.</param>
/// <param name="Transactions">Transactions in them.</param>
/// <param name="Outcomes">Transactions by outcome.</param>
/// <param name="Signatures">Signatures checked: orderers', creators', endorsers'.</param>
/// <param name="BlocksWithoutFlags">
/// Blocks that carry no validation flags to compare with, as they come from an orderer; what deserves which flag was found out
/// all the same.
/// </param>
/// <param name="NotChecked">
/// What was met and could not be judged, with how often. Nothing else was left out.
/// </param>
public sealed record VerificationSummary(
    string Channel, string GenesisHash, ImmutableArray<string> Members, ulong Blocks, long Transactions,
    ImmutableSortedDictionary<TxValidationCode, long> Outcomes, long Signatures, long BlocksWithoutFlags,
    ImmutableSortedDictionary<string, long> NotChecked);

using System.Numerics;
using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.DevLedger.Gateway;

/// <summary>
/// Which organizations must endorse a transaction, known once a first one has executed it: the smallest set that satisfies
/// every policy its writes fall under, with the first one in it where that is possible.
/// </summary>
internal sealed class EndorsementPlan
{
    private const int MostInAnySet = 20;
    private readonly IReadOnlyList<IChannelPolicy> policies;
    private readonly Endorser first;

    private EndorsementPlan(IReadOnlyList<IChannelPolicy> policies, Endorser first, IReadOnlyList<Endorser> candidates) =>
        (this.policies, this.first, Candidates) = (policies, first, candidates);

    /// <summary>Endorsers that may take part.</summary>
    public IReadOnlyList<Endorser> Candidates { get; }

    /// <summary>The choice while nobody has failed.</summary>
    public IReadOnlyList<Endorser> Chosen { get; private init; } = [];

    /// <summary>Makes the plan.</summary>
    /// <param name="call">The proposal.</param>
    /// <param name="first">Who executed it first.</param>
    /// <param name="answer">What came out.</param>
    /// <param name="endorsers">Endorsers that have the chaincode.</param>
    /// <param name="definitions">Definitions and policies.</param>
    /// <exception cref="RpcException">No set of endorsers satisfies the policies.</exception>
    public static EndorsementPlan For(
        ProposedCall call, Endorser first, EndorserAnswer answer, IReadOnlyList<Endorser> endorsers, ChaincodeDefinitions definitions)
    {
        if (SystemChaincodes.Contains(call.Chaincode))
            throw NoCombination($"No metadata was found for chaincode {call.Chaincode} in channel {call.Channel.ChannelId}");
        var set = ReadWriteSet.From(answer.Results);
        if (RequiredEndorsements.WritesUnderEmptyPolicy(set, answer.State))
            throw NoCombination("state based endorsement policy cannot be satisfied");
        var policies = RequiredEndorsements.Interest(call.Chaincode, set, answer.PrivateReads, answer.State, definitions)
            ?? throw NoCombination();
        var plan = Possible(policies, first, MembersOf(answer.PrivateReads)) ?? throw NoCombination();
        if (!call.HasTransientData)
            return plan;
        // Transient data must not reach organizations that the collections written to are not meant for.
        var written = set.Namespaces.SelectMany(ns => ns.Collections.Where(collection => collection.Writes)
            .Select(collection => (Chaincode: ns.Name, Collection: collection.Name))).Except(answer.PrivateReads).ToList();
        return Possible(policies, first, MembersOf(answer.PrivateReads.Concat(written))) ?? throw new RpcException(StatusCode.FailedPrecondition,
            "requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): " +
            $"[{string.Join(' ', written.Select(name => name.Collection))}]; retry specifying trusted endorsing organizations to protect transient data");

        Endorser[] MembersOf(IEnumerable<(string Chaincode, string Collection)> names)
        {
            var collections = names.Select(name => definitions.Collections.Find(answer.State, name.Chaincode, name.Collection)).ToList();
            return [.. endorsers.Where(endorser => collections.All(collection => collection?.Admits(endorser.Self) == true))];
        }
    }

    /// <summary>
    /// The smallest set that satisfies the policies, drawn at random among equals; null where none is left. Sets with the
    /// organizations that have endorsed already are preferred.
    /// </summary>
    /// <param name="endorsed">Organizations whose endorsement is there.</param>
    /// <param name="failed">Organizations that failed.</param>
    public IReadOnlyList<Endorser>? Choose(IReadOnlyCollection<Endorser> endorsed, IReadOnlyCollection<Endorser> failed)
    {
        var usable = failed.Count == 0 ? [.. Candidates] : Candidates.Except(failed).ToArray();
        Random.Shared.Shuffle(usable);
        (Endorser[]? best, (bool WithoutFirst, int Missing, int Size) bestRank) = (null, default);
        foreach (var set in Subsets(usable))
        {
            var rank = (!set.Contains(first), set.Count(endorser => !endorsed.Contains(endorser)), set.Length);
            if ((best is null || rank.CompareTo(bestRank) < 0) && IsMetWithoutWaste(set))
                (best, bestRank) = (set, rank);
        }
        return best;
    }

    // Nobody endorses without need, not even the first.
    private bool IsMetWithoutWaste(Endorser[] set)
    {
        var identities = Array.ConvertAll(set, endorser => endorser.Self);
        if (!policies.AreMetBy(identities))
            return false;
        for (var i = 0; i < set.Length && set.Length > 1; i++)
        {
            if (policies.AreMetBy([.. identities[..i], .. identities[(i + 1)..]]))
                return false;
        }
        return true;
    }

    private static EndorsementPlan? Possible(IReadOnlyList<IChannelPolicy> policies, Endorser first, Endorser[] candidates)
    {
        var plan = new EndorsementPlan(policies, first, candidates);
        // That the first one has endorsed changes nothing: sets with it come first anyway.
        return plan.Choose([], []) is { } chosen ? new EndorsementPlan(policies, first, candidates) { Chosen = chosen } : null;
    }

    // Channels here have a handful of endorsers; past twenty the sets of up to three and that of all are tried.
    private static IEnumerable<Endorser[]> Subsets(Endorser[] all) => all.Length <= MostInAnySet
        ? Enumerable.Range(1, (1 << all.Length) - 1).Select(mask => Members(all, (uint)mask))
        : OfSize(all, 1).Concat(OfSize(all, 2)).Concat(OfSize(all, 3)).Append(all);

    private static Endorser[] Members(Endorser[] all, uint mask)
    {
        var members = new Endorser[BitOperations.PopCount(mask)];
        for (var i = 0; mask != 0; mask &= mask - 1)
            members[i++] = all[BitOperations.TrailingZeroCount(mask)];
        return members;
    }

    private static IEnumerable<Endorser[]> OfSize(Endorser[] all, int size) => size == 0
        ? [[]]
        : Enumerable.Range(0, Math.Max(0, all.Length - size + 1)).SelectMany(i =>
            OfSize(all[(i + 1)..], size - 1).Select(rest => (Endorser[])[all[i], .. rest]));

    /// <summary>A peer's error where nobody can be found to endorse.</summary>
    public static RpcException NoCombination(string reason = "no peer combination can satisfy the endorsement policy") =>
        new(StatusCode.FailedPrecondition, $"no combination of peers can be derived which satisfy the endorsement policy: {reason}");
}

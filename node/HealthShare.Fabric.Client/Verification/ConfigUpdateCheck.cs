using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Policies;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// Checks that a new configuration is the old one changed by a signed update, and that for each changed element those signed
/// whom the old configuration names. Without it, whoever makes blocks could make members.
/// </summary>
internal static class ConfigUpdateCheck
{
    private const int DeepestNesting = 16;

    /// <summary>What is wrong with the step from one configuration to the next; null when nothing is.</summary>
    /// <exception cref="FabricDataException">The update cannot be read.</exception>
    public static string? Run(ChannelConfig current, ConfigEnvelope proposed)
    {
        if (proposed.Config?.ChannelGroup is not { } proposedGroup || proposed.LastUpdate is not { } lastUpdate)
            return "It does not hold both a configuration and the update that led to it.";
        if (proposed.Config.Sequence != current.Sequence + 1)
            return $"It is configuration {proposed.Config.Sequence} where {current.Sequence + 1} should follow.";
        var envelope = ConfigUpdateEnvelope.Parser.Read(
            Payload.Parser.Read(lastUpdate.Payload, "configuration update's payload").Data, "configuration update's envelope");
        var update = ConfigUpdate.Parser.Read(envelope.ConfigUpdate, "configuration update");
        if (update.ChannelId != current.ChannelId)
            return "Its update is for another channel.";

        var existing = Flatten(current.RootGroup);
        var read = Flatten(update.ReadSet ?? new ConfigGroup());
        var written = Flatten(update.WriteSet ?? new ConfigGroup());
        if (read.FirstOrDefault(entry => existing.GetValueOrDefault(entry.Key)?.Version != entry.Value.Version) is { Value: not null } stale)
            return $"Its update builds on another version of {stale.Key}.";
        var changed = written.Where(entry => read.GetValueOrDefault(entry.Key)?.Version != entry.Value.Version).ToList();
        if (changed.Count == 0)
            return "Its update changes nothing.";
        var signers = SignersOf(envelope, current);
        foreach (var (place, element) in changed)
        {
            if (Refusal(place, element, existing.GetValueOrDefault(place), current, signers) is { } refusal)
                return refusal;
        }

        foreach (var (place, element) in changed)
            existing[place] = element;
        return Assemble("/Channel", existing) is not { } result ? "Its update leaves out an element that a group names."
            : !result.Equals(proposedGroup) ? "It is not what its update makes of the configuration before."
            : null;
    }

    private static string? Refusal(
        Place place, Element element, Element? existing, ChannelConfig current, IReadOnlyList<MspIdentity> signers)
    {
        if (existing is null) // who may add it is asked of the group it is added to, whose version rises with it
            return element.Version == 0 ? null : $"Its update adds {place} with a version.";
        if (element.Version != existing.Version + 1)
            return $"Its update takes {place} from version {existing.Version} to {element.Version}.";
        var policy = existing.ModPolicy.StartsWith('/') ? existing.ModPolicy
            : $"{(place.Kind == Kind.Group ? place.Path : place.Path[..place.Path.LastIndexOf('/')])}/{existing.ModPolicy}";
        return existing.ModPolicy.Length > 0 && current.Policies.Find(policy)?.IsSatisfiedBy(signers) == true
            ? null
            : $"Those who signed its update ({string.Join(", ", signers.Select(signer => signer.MspId))}) may not change {place}.";
    }

    private static IReadOnlyList<MspIdentity> SignersOf(ConfigUpdateEnvelope envelope, ChannelConfig current)
    {
        var signers = new List<MspIdentity>();
        foreach (var signature in envelope.Signatures)
        {
            var creator = SignatureHeader.Parser.Read(signature.SignatureHeader, "update's signature header").Creator;
            byte[] signed = [.. signature.SignatureHeader.Span, .. envelope.ConfigUpdate.Span];
            if (current.Identities.Verify(creator, signed, signature.Signature, out _) is { } signer)
                signers.Add(signer);
        }
        return Signers.Distinct(signers);
    }

    private static Dictionary<Place, Element> Flatten(ConfigGroup root)
    {
        var elements = new Dictionary<Place, Element>();
        Add(root, "/Channel", 0);
        return elements;

        void Add(ConfigGroup group, string path, int depth)
        {
            if (depth > DeepestNesting)
                throw new FabricDataException($"The configuration nests deeper than {DeepestNesting}.");
            elements[new(Kind.Group, path)] = new(group.Version, group.ModPolicy, group, null, null);
            foreach (var (name, value) in group.Values)
                elements[new(Kind.Value, $"{path}/{name}")] = new(value.Version, value.ModPolicy, null, value, null);
            foreach (var (name, policy) in group.Policies)
                elements[new(Kind.Policy, $"{path}/{name}")] = new(policy.Version, policy.ModPolicy, null, null, policy);
            foreach (var (name, inner) in group.Groups)
                Add(inner, $"{path}/{name}", depth + 1);
        }
    }

    /// <summary>Puts a group together again: what is in it, it says itself; how that looks, the elements say.</summary>
    private static ConfigGroup? Assemble(string path, Dictionary<Place, Element> elements)
    {
        if (elements.GetValueOrDefault(new(Kind.Group, path))?.Group is not { } group)
            return null;
        var result = new ConfigGroup { Version = group.Version, ModPolicy = group.ModPolicy };
        foreach (var name in group.Values.Keys)
        {
            if (elements.GetValueOrDefault(new(Kind.Value, $"{path}/{name}"))?.Value is not { } value)
                return null;
            result.Values[name] = value;
        }
        foreach (var name in group.Policies.Keys)
        {
            if (elements.GetValueOrDefault(new(Kind.Policy, $"{path}/{name}"))?.Policy is not { } policy)
                return null;
            result.Policies[name] = policy;
        }
        foreach (var name in group.Groups.Keys)
        {
            if (Assemble($"{path}/{name}", elements) is not { } inner)
                return null;
            result.Groups[name] = inner;
        }
        return result;
    }

    private enum Kind
    {
        Group,
        Value,
        Policy,
    }

    private readonly record struct Place(Kind Kind, string Path)
    {
        public override string ToString() => $"the {Kind.ToString().ToLowerInvariant()} {Path}";
    }

    private sealed record Element(ulong Version, string ModPolicy, ConfigGroup? Group, ConfigValue? Value, ConfigPolicy? Policy);
}

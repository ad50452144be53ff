using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Fabric.Protocol;

namespace HealthShare.DevLedger.Hosting;

/// <summary>
/// Remembers how organizations that joined later are run here: the channel's configuration says that they are members, not
/// where their gateways listen or whether they endorse. One that is in this file but not of the channel never got that far.
/// </summary>
internal sealed class AddedOrganizations(string folder)
{
    private readonly string file = Path.Combine(folder, "organizations.json");

    /// <exception cref="LedgerCorruptException">The file cannot be read.</exception>
    public IReadOnlyList<OrganizationOptions> Read()
    {
        if (!File.Exists(file))
            return [];
        try
        {
            var entries = JsonSerializer.Deserialize(File.ReadAllBytes(file), AddedJson.Default.ImmutableArrayAddedOrganization);
            return [.. entries.Select(entry => new OrganizationOptions
            {
                MspId = entry.MspId, Domain = entry.Domain, Endorses = entry.Endorses, Listen = IPEndPoint.Parse(entry.Listen),
            })];
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new LedgerCorruptException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Adds one, durably; another of the same MSP id is replaced.</summary>
    public void Add(OrganizationOptions organization)
    {
        ImmutableArray<AddedOrganization> entries =
        [
            .. Read().Where(known => known.MspId != organization.MspId).Append(organization)
                .Select(known => new AddedOrganization(known.MspId, known.Domain, known.Endorses, known.Listen.ToString())),
        ];
        var draft = file + ".new";
        using (var stream = new FileStream(draft, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, entries, AddedJson.Default.ImmutableArrayAddedOrganization);
            stream.Flush(flushToDisk: true);
        }
        File.Move(draft, file, overwrite: true);
        FolderSync.Flush(folder);
    }
}

/// <summary>An organization as the file holds it.</summary>
internal sealed record AddedOrganization(string MspId, string Domain, bool Endorses, string Listen);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImmutableArray<AddedOrganization>))]
internal sealed partial class AddedJson : JsonSerializerContext;

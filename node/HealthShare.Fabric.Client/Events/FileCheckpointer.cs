using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Fabric.Client;

/// <summary>
/// Keeps a position in a small JSON file. Each one is written beside the file, flushed to the disk, renamed over it, and the
/// folder is flushed: a crash at any moment, also of the machine, leaves the old position or the new one. A file that is not
/// wholly a position, or does not fit the hash it carries, is an error and never read as "nothing processed so far".
/// </summary>
/// <param name="path">Path of the file; its folder must exist.</param>
public sealed partial class FileCheckpointer(string path) : ICheckpointer
{
    private const int LongestFile = 4096;

    private readonly string path = Path.GetFullPath(path);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is not a checkpoint; delete it to begin anew.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default)
    {
        FileStream file;
        try
        {
            file = File.OpenRead(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        await using (file)
        {
            return await ReadAsync(file, ct);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file or its folder cannot be written.</exception>
    public ValueTask SaveAsync(EventPosition position, CancellationToken ct = default)
    {
        DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(
            new Checkpoint(position.BlockNumber, position.TransactionId, HashOf(position)), CheckpointJson.Default.Checkpoint));
        return ValueTask.CompletedTask;
    }

    private async Task<EventPosition> ReadAsync(FileStream file, CancellationToken ct)
    {
        Checkpoint? found = null;
        JsonException? fault = null;
        try
        {
            found = file.Length <= LongestFile
                ? await JsonSerializer.DeserializeAsync(file, CheckpointJson.Default.Checkpoint, ct)
                : null;
        }
        catch (JsonException e)
        {
            fault = e;
        }
        var position = found is null ? null : new EventPosition(found.BlockNumber, found.TransactionId);
        return position is not null && HashOf(position) == found!.Sha256
            ? position
            : throw new InvalidDataException(
                $"'{path}' is damaged or no checkpoint. To begin anew, and see everything again, delete it.", fault);
    }

    private static string HashOf(EventPosition position) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{position.BlockNumber} {position.TransactionId}"))));

    private sealed record Checkpoint(ulong BlockNumber, string? TransactionId, string Sha256);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    [JsonSerializable(typeof(Checkpoint))]
    private sealed partial class CheckpointJson : JsonSerializerContext;
}

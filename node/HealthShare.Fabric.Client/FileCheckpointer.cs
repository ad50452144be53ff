using System.Text.Json;
using System.Text.Json.Serialization;

namespace HealthShare.Fabric.Client;

/// <summary>
/// Keeps a position in a small JSON file. Each one is written beside the file, flushed to the disk and then renamed over it: a
/// crash at any moment leaves the old position or the new one.
/// </summary>
/// <param name="path">Path of the file; its folder must exist.</param>
public sealed partial class FileCheckpointer(string path) : ICheckpointer
{
    private readonly string temporary = path + ".new";

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is not a checkpoint; delete it to begin anew.</exception>
    public async ValueTask<EventPosition?> LoadAsync(CancellationToken ct = default)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            await using var file = File.OpenRead(path);
            return await JsonSerializer.DeserializeAsync(file, CheckpointJson.Default.EventPosition, ct)
                ?? throw new InvalidDataException($"'{path}' holds no checkpoint.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not a checkpoint.", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SaveAsync(EventPosition position, CancellationToken ct = default)
    {
        await using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await JsonSerializer.SerializeAsync(file, position, CheckpointJson.Default.EventPosition, ct);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    [JsonSerializable(typeof(EventPosition))]
    private sealed partial class CheckpointJson : JsonSerializerContext;
}

using Consilience.Hub.Analyse;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Sites;

/// <summary>Who is connected now. The newer link of a party wins: the older one is most likely dead without knowing.</summary>
internal sealed class Connections(HubLimits limits, Action<string>? onStep)
{
    private readonly Dictionary<PartyId, PartyLink> links = [];
    private long lastNumber;

    internal PartyLink Open(PartyId party, CancellationTokenSource closing)
    {
        if (links.Remove(party, out var older))
            older.Close();
        return links[party] = new PartyLink(party, ++lastNumber, limits, closing);
    }

    /// <summary>False when a newer link has taken this one's place.</summary>
    internal bool Close(PartyLink link) => links.TryGetValue(link.Party, out var current) && current == link && links.Remove(link.Party);

    internal bool IsConnected(PartyId party) => links.ContainsKey(party);

    internal void Send(PartyId to, string step, HubFrame frame) => Send(to, step, () => frame);

    internal void Send(PartyId to, string step, Func<HubFrame?> frame)
    {
        if (!links.TryGetValue(to, out var link))
            return;
        onStep?.Invoke(HubSteps.Sending(step));
        link.Send(frame);
        onStep?.Invoke(HubSteps.HasSent(step));
    }
}

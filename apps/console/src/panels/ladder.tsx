import { decimalsOf, padded } from '../format';
import type { Book, Level, Order } from '../wire/model';

interface LadderProps {
    book: Book;
    /** Our live orders of this instrument: marked at their price. */
    own: readonly Order[];
    depth: number;
}

/** Price levels around the middle, asks above: quantities as bars whose length is their share of the largest one shown. */
export function Ladder({ book, own, depth }: LadderProps) {
    const asks = book.asks.slice(0, depth);
    const bids = book.bids.slice(0, depth);
    const most = Math.max(...[...asks, ...bids].map(([, quantity]) => Number(quantity)), Number.MIN_VALUE);
    const decimals = decimalsOf([...asks, ...bids].map(([price]) => Number(price)));
    const ours = new Set(own.map((o) => Number(o.price)));
    const bad = book.flags.find((f) => f !== 'synced');
    return (
        <div class={bad ? 'ladder stale' : 'ladder'}>
            {bad && <p class="ladder-state">✖ {bad}: these prices are not to be traded on</p>}
            <div class="scroll" role="region" aria-label={`Ladder of ${book.instrument}`} tabIndex={0}>
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="number">
                                bid qty
                            </th>
                            <th scope="col" class="number">
                                price
                            </th>
                            <th scope="col" class="number">
                                ask qty
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {asks.reverse().map((level, i) => (
                            <Row
                                key={`a${i}`}
                                level={[padded(level[0], decimals), level[1]]}
                                side="ask"
                                most={most}
                                own={ours.has(Number(level[0]))}
                            />
                        ))}
                        {bids.map((level, i) => (
                            <Row
                                key={`b${i}`}
                                level={[padded(level[0], decimals), level[1]]}
                                side="bid"
                                most={most}
                                own={ours.has(Number(level[0]))}
                            />
                        ))}
                    </tbody>
                </table>
            </div>
        </div>
    );
}

interface RowProps {
    level: Level;
    side: 'bid' | 'ask';
    most: number;
    own: boolean;
}

function Row({ level: [price, quantity], side, most, own }: RowProps) {
    const bar = (
        <span class="depth">
            <span class={`depth-bar ${side}`} style={{ width: `${Math.round((Number(quantity) / most) * 100)}%` }} />
            <span class="depth-figure">{quantity}</span>
        </span>
    );
    return (
        <tr class={`level ${side}`}>
            <td class="number">{side === 'bid' && bar}</td>
            <td class="number price">
                {own && <span title="an order of ours rests here">◆ </span>}
                {price}
            </td>
            <td class="number">{side === 'ask' && bar}</td>
        </tr>
    );
}

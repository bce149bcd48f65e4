package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	shopv1 "landfall.example/shop/proto/shop/v1"

	"github.com/redis/go-redis/v9"
)

const (
	maxQuantity = 99
	maxProducts = 50
)

// ErrFull says that a cart would hold too much.
var ErrFull = errors.New("the cart is full")

// Store keeps each cart as a Redis hash that expires: "q:<product>" its quantity, "p:<product>" its
// name and price.
type Store struct {
	client redis.UniversalClient
	ttl    time.Duration
}

type label struct {
	Name       string `json:"name"`
	Currency   string `json:"currency"`
	MinorUnits int64  `json:"minorUnits"`
}

// One step for Redis, so that two adds at once can neither be lost nor pass the limits.
var addScript = redis.NewScript(`
local quantity = tonumber(redis.call("HGET", KEYS[1], "q:" .. ARGV[1]) or "0")
if quantity == 0 and redis.call("HLEN", KEYS[1]) >= 2 * tonumber(ARGV[5]) then return 0 end
if quantity + tonumber(ARGV[2]) > tonumber(ARGV[4]) then return 0 end
redis.call("HINCRBY", KEYS[1], "q:" .. ARGV[1], ARGV[2])
redis.call("HSET", KEYS[1], "p:" .. ARGV[1], ARGV[3])
redis.call("PEXPIRE", KEYS[1], ARGV[6])
return 1
`)

// Add puts more of a product into the cart; ErrFull past 99 of one product or 50 products.
func (s *Store) Add(ctx context.Context, session string, item *shopv1.Item) error {
	price := item.GetUnitPrice()
	kept, err := json.Marshal(label{item.GetName(), price.GetCurrencyCode(), price.GetMinorUnits()})
	if err != nil {
		return err
	}
	added, err := addScript.Run(ctx, s.client, []string{key(session)},
		item.GetProductId(), item.GetQuantity(), kept, maxQuantity, maxProducts, s.ttl.Milliseconds()).Int()
	if err == nil && added == 0 {
		return ErrFull
	}
	return err
}

// Remove takes a product out; none there is no error.
func (s *Store) Remove(ctx context.Context, session, product string) error {
	return s.client.HDel(ctx, key(session), "q:"+product, "p:"+product).Err()
}

// Clear forgets the cart.
func (s *Store) Clear(ctx context.Context, session string) error {
	return s.client.Del(ctx, key(session)).Err()
}

// Get reads the cart, its items in the order of their ids; an unknown session has an empty one.
func (s *Store) Get(ctx context.Context, session string) (*shopv1.Cart, error) {
	fields, err := s.client.HGetAll(ctx, key(session)).Result()
	if err != nil {
		return nil, err
	}
	cart := &shopv1.Cart{Total: &shopv1.Money{CurrencyCode: "EUR"}}
	for field, value := range fields {
		product, isQuantity := strings.CutPrefix(field, "q:")
		if !isQuantity {
			continue
		}
		item, err := readItem(product, value, fields["p:"+product])
		if err != nil {
			return nil, fmt.Errorf("cart %s: %w", session, err)
		}
		cart.Items = append(cart.Items, item)
		cart.Total.CurrencyCode = item.UnitPrice.CurrencyCode
		cart.Total.MinorUnits += int64(item.Quantity) * item.UnitPrice.MinorUnits
	}
	sort.Slice(cart.Items, func(a, b int) bool { return cart.Items[a].ProductId < cart.Items[b].ProductId })
	return cart, nil
}

// Ping tells whether Redis takes commands.
func (s *Store) Ping(ctx context.Context) error { return s.client.Ping(ctx).Err() }

func readItem(product, quantity, kept string) (*shopv1.Item, error) {
	count, err := strconv.ParseInt(quantity, 10, 32)
	if err != nil {
		return nil, err
	}
	var known label
	if err := json.Unmarshal([]byte(kept), &known); err != nil {
		return nil, err
	}
	return &shopv1.Item{
		ProductId: product,
		Name:      known.Name,
		UnitPrice: &shopv1.Money{CurrencyCode: known.Currency, MinorUnits: known.MinorUnits},
		Quantity:  int32(count),
	}, nil
}

func key(session string) string { return "cart:" + session }
